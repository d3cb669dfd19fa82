import type { CallbackTarget } from '../callback/index.ts'
import type { ExchangeRequest, ExchangeResponse } from '../http/index.ts'

/** What is sent: a body, and the parameters that the callback operation declares. */
export interface CallbackContent<Body = unknown> {
  /** As its media type has it: anything for JSON, a record for forms and multipart bodies, text, or bytes that are written already. */
  readonly body?: Body
  /** Send the example of the description, or one made from the schema. Not together with `body`. Default false. */
  readonly example?: boolean
  /** Values for `{name}` in the key. */
  readonly path?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
  readonly cookie?: Readonly<Record<string, unknown>>
  /** Default: the first declared one that can carry the body, JSON before others. */
  readonly mediaType?: string
  /** Milliseconds before the first attempt. Default 0. */
  readonly delayMs?: number
  /** Deliveries with the same key arrive in the order of enqueueing. Default: none, and no order. */
  readonly orderingKey?: string
  /** JSON data kept beside the delivery. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** The exchange that a handler sees: bodies are decoded by their media type when they are first read. */
export interface HandledExchange<RequestBody = unknown, ResponseBody = unknown> {
  readonly id: string
  readonly request: Omit<ExchangeRequest, 'body'> & { readonly body?: RequestBody }
  readonly response: Omit<ExchangeResponse, 'body'> & { readonly body: ResponseBody }
}

export interface HandlerContext<RequestBody = unknown, ResponseBody = unknown> {
  readonly exchange: HandledExchange<RequestBody, ResponseBody>
  /** Where it goes. `undefined` while the key has a `{name}` for which the handler gives the value, under `path`. */
  readonly target: CallbackTarget | undefined
}

export type HandlerResult<Body = unknown> = CallbackContent<Body> | undefined

/**
 * Gives what is sent to one target of a callback, or `undefined` for "not now". It is called after the application has answered, and only
 * where the exchange has a URL to call.
 */
export type CallbackHandler<RequestBody = unknown, ResponseBody = unknown, Body = unknown> = (
  context: HandlerContext<RequestBody, ResponseBody>,
) => HandlerResult<Body> | Promise<HandlerResult<Body>>

/** An example as the body, for mocks and demos, with fixed parameters where they are needed. */
export type ExampleHandler = Omit<CallbackContent, 'body' | 'example'> & { readonly body: 'example' }

export type Handler<RequestBody = unknown, ResponseBody = unknown, Body = unknown> =
  | CallbackHandler<RequestBody, ResponseBody, Body>
  | ExampleHandler
