import type { HeaderFields } from './header-fields.ts'

/** Decoded parameters by name: one value, or several in the order they came. */
export type Parameters = Readonly<Record<string, string | readonly string[] | undefined>>

/** One HTTP request with its response, as seen by the server that answered it: the input of every evaluation. */
export interface Exchange {
  /** Unique; from the adapter (a request id) or random. */
  readonly id: string
  readonly request: ExchangeRequest
  /** Absent until the response is known. */
  readonly response?: ExchangeResponse
}

export interface ExchangeRequest {
  readonly method: string
  /** Absolute, verbatim as received, without fragment. */
  readonly url: string
  readonly headers: HeaderFields
  /** Path parameters of the matched operation, percent-decoded. */
  readonly path: Parameters
  /** Query parameters, decoded; a name that occurs twice has an array. */
  readonly query: Parameters
  /**
   * Decoded content: JSON value, record of form fields, record of multipart parts, text, or bytes. `undefined`: there is none.
   * JSON that is still text is parsed when a JSON Pointer needs it.
   */
  readonly body?: unknown
}

export interface ExchangeResponse {
  readonly status: number
  readonly headers: HeaderFields
  /** As in the request. */
  readonly body?: unknown
}

/** An exchange of which only parts are known: what is absent has no value. */
export interface PartialExchange {
  readonly id?: string | undefined
  readonly request?: Partial<ExchangeRequest> | undefined
  readonly response?: Partial<ExchangeResponse> | undefined
}
