import type { PartialExchange } from '../http/index.ts'
import type { Call, Responder } from './call.ts'
import type { Duration } from './duration.ts'
import type { CallbackStatus, Rejection } from './status.ts'

export interface WaitOptions {
  /** Default: the receiver's `defaultTimeout`, else until the endpoint expires. */
  readonly timeout?: Duration
  readonly signal?: AbortSignal
  /** A durable name: the same name gets the same call again, also after a crash. */
  readonly waiter?: string
}

export interface BindOptions {
  /**
   * Id and secret are compared, but not scheme, host and the path before them: for a proxy that the exchange knows under another URL than
   * `baseUrl`. Default false.
   */
  readonly anyHost?: boolean
}

/** A URL that waits for calls. Leaving an `await using` cancels it. */
export interface CallbackEndpoint<T = unknown> extends AsyncDisposable, AsyncIterable<Call<T>> {
  /** Public: safe to log. */
  readonly id: string
  /**
   * What the sender gets; a secret, and so not enumerable. Throws after `open()` and in another process, unless the token policy can derive
   * it again.
   */
  readonly url: string
  /** The next call that nobody has read: waits for it where there is none. Waits are served in the order in which they came. */
  next(options?: WaitOptions): Promise<Call<T>>
  /**
   * `n` calls, one after the other, within one timeout. When the time or the endpoint ends before, the error has what there was under
   * `received`; when the wait is aborted or the receiver closed, what there was is unread again.
   */
  take(n: number, options?: WaitOptions): Promise<Call<T>[]>
  /** Rejects with the call as soon as one comes; it counts as read. Rejects as well when the endpoint is cancelled or the receiver closed. */
  expectNone(within: Duration): Promise<void>
  /** All calls, read and unread, oldest first. */
  calls(): Promise<Call<T>[]>
  rejections(): Promise<Rejection[]>
  /**
   * Answers the next request (or the next `times`) that passes the checks with this: for tests of a sender's retries.
   * An error is not stored as a call unless `store` says so. Works in the process that gets the requests.
   */
  respondNext(responder: Responder, options?: { readonly times?: number; readonly store?: boolean }): void
  status(): Promise<CallbackStatus>
  /**
   * At an endpoint of `createFromOpenAPI`: the exchange that asked for the callback. From now on the URL that is called is compared with what
   * the key is worth in it. Rejects with a `TypeError` when the exchange asks for calls elsewhere: another scheme, host, path or secret. Request and response as they were sent;
   * the query is read from the URL where it is not given.
   */
  bind(exchange: PartialExchange, options?: BindOptions): Promise<void>
  /** Ends it: no further call is accepted. */
  complete(): Promise<void>
  /** Ends it, and every wait with it. */
  cancel(reason?: string): Promise<void>
  /** What a structured log may have of it: no URL. */
  toJSON(): { readonly id: string }
}
