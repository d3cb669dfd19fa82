import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CallbackEndpoint } from './callback-endpoint.ts'
import type { OpenApiOptions } from './contract/index.ts'
import type { CreateOptions } from './create-options.ts'
import type { Rotation } from './rotation.ts'
import type { CallbackState, CallbackStatus } from './status.ts'

/** Makes URLs, accepts what is sent to them, and hands it to whoever waits. */
export interface Receiver extends AsyncDisposable {
  /** Rejects with `SchemaInvalidError` for a schema that does not compile, with `TypeError` for other options out of range. */
  create<T = unknown>(options?: CreateOptions<T>): Promise<CallbackEndpoint<T>>
  /**
   * An endpoint for the callbacks of an operation of an OpenAPI Description, or for a webhook: it takes the requests that the description
   * allows and answers as it says. Rejects with a `TypeError` for an operation or callback that there is not, with `ContractError` or
   * `SchemaInvalidError` for a description that no endpoint can be made from. What a description says lives in this process.
   */
  createFromOpenAPI<T = unknown>(options: OpenApiOptions & Omit<CreateOptions<T>, 'subPaths'>): Promise<CallbackEndpoint<T>>
  /** An endpoint that exists, here or in the store. */
  open<T = unknown>(id: string): Promise<CallbackEndpoint<T>>
  /** In the order of ids. */
  list(options?: ListOptions): AsyncIterable<CallbackStatus>
  /** The paths below which its endpoints are, for routers: `/callbacks`; also behind the path of `baseUrl`, where that has one. */
  readonly prefixes: readonly string[]
  /** Fetch API servers: Hono, Bun, Deno, workers. A path outside the prefix is answered like an unknown callback. */
  handle(request: Request, info?: { readonly remoteAddress?: string }): Promise<Response>
  /** node:http, Express, Connect. Calls `next` for paths outside the prefix. */
  node(): (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void) => void
  /**
   * A server of its own. Default: 127.0.0.1, and the port of `baseUrl` where that is http on a loopback host, else any that is free. `url` is
   * what senders see: `baseUrl`, with the port where that had 0.
   */
  listen(options?: { readonly port?: number; readonly host?: string }): Promise<{ readonly url: string; close(): Promise<void> }>
  /** Answers 503 and accepts nothing, until `resume()`. */
  pause(): void
  resume(): void
  /** Writes down what is over by time, and deletes what ended more than 24 h ago. A receiver does so by itself: `sweepEvery`. */
  sweep(): Promise<{ readonly expired: number; readonly deleted: number }>
  /**
   * Seals every stored record with the first sealing key of the keyring, `batch` rows (default 200) in a transaction, while calls arrive.
   * Aborted or not, it can be run again: what is done is not done twice. Take an old one out of the keyring when a run finds nothing to scan.
   */
  rotateKeys(options?: { readonly batch?: number; readonly signal?: AbortSignal }): Promise<Rotation>
  /** Closes its servers and its store, and ends every wait; endpoints stay as they are in their store. */
  close(): Promise<void>
  /** The same, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

export interface ListOptions {
  readonly state?: CallbackState
  /** Default: all. */
  readonly limit?: number
  /** Those whose id comes after this one. */
  readonly after?: string
}
