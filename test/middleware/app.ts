import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { CallbackOptions, RequestCallbacks } from 'ringback/node'

/** What one operation of a test application does, whatever its framework is. */
export interface Behaviour {
  /** How the application reads the request: by its framework's parser, as a raw stream, or not at all. Default `parsed`. */
  readonly reads?: 'parsed' | 'raw' | 'nothing'
  /** Called with what was read, before the answer. */
  readonly use?: (callbacks: RequestCallbacks, body: unknown) => void | Promise<void>
  readonly answer: Answer
  /** Called where the application has ended its response, before `end` gives back. What it throws, `end` throws. */
  readonly after?: (response: ServerResponse, request: IncomingMessage) => void
}

/** Has `after` called when an application ends its response. */
export function watchEnd({ after }: Behaviour, request: IncomingMessage, response: ServerResponse): void {
  if (after === undefined) return
  const end = response.end as (...args: unknown[]) => ServerResponse
  response.end = function (this: ServerResponse, ...args: unknown[]) {
    // What is done after it may end it once more.
    response.end = end as ServerResponse['end']
    const answer = end.apply(this, args)
    after(response, request)
    return answer
  } as ServerResponse['end']
}

/** Answers where the framework is told to leave it to us. */
export function answerPast({ status, body, by }: Extract<Answer, { kind: 'hijack' }>, response: ServerResponse): void {
  if (by === undefined) response.writeHead(status, { 'content-type': 'text/plain' }).end(body)
  else by(response)
}

export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly headers?: Fields; readonly body: unknown }
  | { readonly kind: 'text'; readonly status: number; readonly headers?: Fields; readonly body: string }
  | { readonly kind: 'bytes'; readonly status: number; readonly headers?: Fields; readonly body: Uint8Array }
  | { readonly kind: 'empty'; readonly status: number; readonly headers?: Fields }
  | {
      readonly kind: 'stream'
      readonly status: number
      readonly headers?: Fields
      readonly chunks: () => AsyncIterable<Uint8Array>
    }
  /** Thrown by an asynchronous handler. */
  | { readonly kind: 'throw'; readonly message: string }
  /** Written past the framework, where it has a way for that. */
  | { readonly kind: 'hijack'; readonly status: number; readonly body: string; readonly by?: (response: ServerResponse) => void }

type Fields = Readonly<Record<string, string>>

export interface AppOptions {
  readonly behaviours: readonly (readonly [method: string, path: string, Behaviour])[]
  /** `undefined`: without the middleware. */
  readonly callbacks: CallbackOptions | undefined
  /** Of another middleware, for another description, that stands right after the first. */
  readonly second?: CallbackOptions
  /** Where the framework's compression stands: mounted before the middleware, after it, or not at all. */
  readonly compression?: 'before' | 'after'
  /** Where the body parser stands. Default `after`. */
  readonly parser?: 'before' | 'after'
  /** Something asynchronous that stands before the middleware, and after a parser that does. */
  readonly before?: (request: IncomingMessage) => Promise<unknown>
  /** How the framework is told to find routes, where it can be told. Default: as it does by itself. */
  readonly routing?: Routing
  /** A path that the routes are below, with the framework's own way to mount them. Default none. */
  readonly mount?: string
  /** Serve HTTP/2, without TLS. */
  readonly http2?: boolean
}

/** What is said of the routes in the options of the framework. */
export type Routing = 'case-sensitive' | 'case-insensitive'

/** One adapter in an application of its framework. */
export interface Harness {
  readonly name: string
  /** Listens on a free port of 127.0.0.1. */
  start(options: AppOptions): Promise<Running>
  /** What the framework cannot do, or does not have. */
  readonly lacks?: readonly Lack[]
  /** How it finds routes by itself. Default `case-sensitive`. */
  readonly routing?: Routing
}

export type Lack =
  | 'compression-before'
  | 'compression-after'
  | 'hijack'
  | 'parser-before'
  /** It has no requests of Node. */
  | 'before'
  /** Nobody tells it when a response has gone out: a stream that is longer than what is kept counts as gone then. */
  | 'stream-end'
  /** The runtime frames the response anew once a copy of it was made: with other header lines, but the same fields and content. */
  | 'framing'
  /** The application cannot reach the request and the response of Node. */
  | 'raw'
  | 'http2'

export interface Running {
  readonly port: number
  readonly server: Server
  stop(): Promise<void>
}

/** `/orders/{orderId}` as most routers want it. */
export function colonPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}
