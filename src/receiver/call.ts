import type { Duration } from './duration.ts'
import type { Method, ValidationError } from './status.ts'

export type BodyKind = 'none' | 'json' | 'form' | 'multipart' | 'text' | 'bytes'

/** The operation of a description that a call is for. */
export interface CallOperation {
  /** The name of the callback, or of the webhook. */
  readonly name: string
  /** The key of the Callback Object as written; of a webhook, its name. */
  readonly expression: string
  readonly method: Method
  readonly operationId?: string
  /** Where it stands in the description: `#/paths/…`. */
  readonly pointer: string
}

/** What a description says about a call. */
export interface CallValidation {
  /** Whether there are no errors. */
  readonly ok: boolean
  readonly errors: readonly ValidationError[]
  /** What is odd and yet allowed, such as a `readOnly` property in a request. */
  readonly warnings: readonly ValidationError[]
}

/** One accepted request at an endpoint. */
export interface Call<T = unknown> {
  readonly id: string
  /** 1 for the first accepted call of an endpoint; 0 while an injected answer is chosen, before anything is stored. */
  readonly seq: number
  /** When it came, not when it was read. */
  readonly receivedAt: Date
  readonly method: Method
  /** What a sender appended to the path of the URL: `/data`, or empty. As sent, not percent-decoded. */
  readonly subPath: string
  readonly query: URLSearchParams
  /** The query as sent, without the question mark: what a signature over the URL covers. */
  readonly rawQuery: string
  readonly headers: Headers
  /** The content exactly as it came. */
  readonly rawBody: Uint8Array
  /** The decoded content: JSON value, record of fields, text, bytes, or `undefined` when there was none. */
  readonly body: T
  readonly bodyKind: BodyKind
  /** Why the content is given as bytes although its media type promised more. */
  readonly bodyError?: string
  /** How often the same call came again until now. */
  readonly duplicates: number
  readonly remoteAddress?: string
  /** True while no wait has taken it, at the moment this object was made. */
  readonly unread: boolean
  /** At an endpoint of `createFromOpenAPI`. */
  readonly operation?: CallOperation
  /** At an endpoint of `createFromOpenAPI`; with errors only where it has `onInvalid: 'report'`. */
  readonly validation?: CallValidation
  /** Answers the sender, who is still waiting. Only at endpoints with `respond: 'manual'`. */
  respond(reply: Reply): Promise<void>
  toGcp(): GcpCall
  toUtask(): UtaskCall
  /** An entry of an HTTP Archive 1.2. Token and credentials are left out of URL, query and headers, by their names; bodies stay as they are. */
  toHar(): object
}

/** What Google's `await_callback` returns. */
export interface GcpCall {
  readonly http_request: {
    readonly body: unknown
    readonly headers: Readonly<Record<string, string>>
    readonly method: string
    readonly query: Readonly<Record<string, string>>
    /** The path of the endpoint, without host and without the secret. */
    readonly url: string
  }
  readonly received_time: string
  readonly type: 'HTTP'
}

/** What uTask's callback plug-in puts out. */
export interface UtaskCall {
  readonly id: string
  readonly date: string
  readonly body: unknown
}

/** An answer: a `Response`, or its parts. `delay` holds it back. */
export type Reply =
  | Response
  | {
      readonly status: number
      readonly headers?: HeaderInit
      readonly json?: unknown
      readonly body?: string | Uint8Array
      readonly delay?: Duration
    }

export type HeaderInit = Headers | Readonly<Record<string, string>> | readonly (readonly [string, string])[]

/** An answer, or a function that finds it. */
export type Responder = Reply | ((call: Call) => Reply | Promise<Reply>)
