import { RingbackError } from '../errors/index.ts'
import type { PartialExchange } from '../http/index.ts'
import type { Call, Responder } from './call.ts'
import { awaitPayload, type NoCall } from './claim-check.ts'
import type { Core } from './core.ts'
import { type Duration, milliseconds } from './duration.ts'
import {
  CallbackCancelledError,
  CallbackCompletedError,
  CallbackEndpointError,
  CallbackExpiredError,
  CallbackTimeoutError,
  CallbackUnexpectedError,
} from './errors.ts'
import { nameOf } from './name-of.ts'
import { placeOf } from './places.ts'
import { decodeRejection } from './records.ts'
import type { CallbackStatus, Rejection } from './status.ts'
import { statusOf } from './status-of.ts'
import type { EndpointRow } from './store.ts'
import { timeoutReport } from './timeout-report.ts'
import type { Waits } from './waits.ts'

export interface WaitOptions {
  /** Default: the receiver's `defaultTimeout`, else until the endpoint expires. */
  readonly timeout?: Duration
  readonly signal?: AbortSignal
  /** A durable name: the same name gets the same call again, also after a crash. */
  readonly waiter?: string
}

/** A URL that waits for calls. Leaving an `await using` cancels it. */
export interface CallbackEndpoint<T = unknown> extends AsyncDisposable, AsyncIterable<Call<T>> {
  /** Public: safe to log. */
  readonly id: string
  /** What the sender gets. Throws after `open()`, unless the token policy can derive it again. */
  readonly url: string
  /** The next call that nobody has read: waits for it where there is none. Waits are served in the order in which they came. */
  next(options?: WaitOptions): Promise<Call<T>>
  /** `n` calls, one after the other, within one timeout. */
  take(n: number, options?: WaitOptions): Promise<Call<T>[]>
  /** Rejects with the call as soon as one comes; it counts as read. */
  expectNone(within: Duration): Promise<void>
  /** All calls, read and unread, oldest first. */
  calls(): Promise<Call<T>[]>
  rejections(): Promise<Rejection[]>
  /**
   * Answers the next request (or the next `times`) that passes the checks with this: for tests of a sender's retries.
   * An error is not stored as a call unless `store` says so.
   */
  respondNext(responder: Responder, options?: { readonly times?: number; readonly store?: boolean }): void
  status(): Promise<CallbackStatus>
  /**
   * At an endpoint of `createFromOpenAPI`: the exchange that asked for the callback. From now on the URL that is called is compared with what
   * the key is worth in it. Rejects with a `TypeError` when the exchange asks for calls elsewhere. Request and response as they were sent;
   * the query is read from the URL where it is not given.
   */
  bind(exchange: PartialExchange): Promise<void>
  /** Ends it: no further call is accepted. */
  complete(): Promise<void>
  /** Ends it, and every wait with it. */
  cancel(reason?: string): Promise<void>
}

/** One wait for one call; `timeoutMs` is what an error tells, `until` what counts. */
interface Receipt {
  readonly until: number
  readonly timeoutMs: number
  readonly options: WaitOptions
  readonly wanted?: string
  readonly received?: readonly Call[]
}

export function createEndpoint<T>(core: Core, waits: Waits, row: EndpointRow, secret: string | undefined): CallbackEndpoint<T> {
  const { id } = row
  const { store, clock } = core
  const unknownBefore = core.traffic.unknown

  async function receive({ until, timeoutMs, options, wanted = 'no call', received = [] }: Receipt): Promise<Call<T>> {
    const { signal } = options
    const waiter = options.waiter === undefined ? undefined : nameOf(options.waiter, 'waiter')
    await core.started()
    const result = await awaitPayload(core, row, () => waits.wait(row, { until, signal, name: waiter }), until, signal)
    if (result.kind !== 'payload') throw await failure(result, timeoutMs, wanted, received)
    core.emit('delivered', id)
    return result.call as Call<T>
  }

  async function failure(result: NoCall, timeoutMs: number, wanted: string, received: readonly Call[]): Promise<unknown> {
    if (result.kind === 'aborted') return result.reason
    if (result.kind === 'closed')
      return new RingbackError('ERR_RECEIVER_CLOSED', `The receiver was closed while callback ${id} was awaited`)
    const status = await endpoint.status()
    if (result.kind === 'timeout') {
      core.emit('timeout', id)
      const rejections = await endpoint.rejections()
      const unknown = core.traffic.unknown - unknownBefore
      return new CallbackTimeoutError(
        timeoutReport(status, rejections, { afterMs: timeoutMs, unknown, wanted }),
        status,
        rejections,
        received,
      )
    }
    return endError(status)
  }

  function timeoutOf({ timeout }: WaitOptions): number {
    if (timeout !== undefined) return milliseconds(timeout, 'timeout', { infinity: true })
    return core.defaultTimeoutMs ?? core.profile.waitTimeoutMs ?? Number.POSITIVE_INFINITY
  }

  const endpoint: CallbackEndpoint<T> = {
    id,

    get url() {
      const known = secret ?? core.tokens.derive?.(id)
      if (known === undefined) {
        throw new CallbackEndpointError(
          'ERR_CALLBACK_URL_UNKNOWN',
          id,
          `The URL of callback ${id} is known only where it was created: its token is stored as a hash. Keep the URL, or use derivedTokens()`,
        )
      }
      if (core.base.port === '0')
        throw new TypeError('Expected a port but baseUrl has port 0: call listen() before reading endpoint.url')
      return `${core.base.href.replace(/\/$/, '')}${core.pathPrefix}/${core.profile.urls.tail(id, known)}`
    },

    async next(options = {}) {
      const timeoutMs = timeoutOf(options)
      return receive({ until: clock.now() + timeoutMs, timeoutMs, options })
    },

    async take(n, options = {}) {
      if (!Number.isSafeInteger(n) || n < 0) throw new TypeError(`Expected a number of calls but found ${n}`)
      const timeoutMs = timeoutOf(options)
      const until = clock.now() + timeoutMs
      const received: Call<T>[] = []
      while (received.length < n) {
        const { waiter } = options
        const each = waiter === undefined ? options : { ...options, waiter: `${waiter}#${received.length}` }
        const wanted = `${received.length} of ${n} calls`
        received.push(await receive({ until, timeoutMs, options: each, wanted, received }))
      }
      return received
    },

    async expectNone(within) {
      const until = clock.now() + milliseconds(within, 'within')
      await core.started()
      const result = await waits.wait(row, { until })
      if (result.kind !== 'call') return
      const call = await core.callFrom(result.row)
      throw new CallbackUnexpectedError(
        id,
        `Expected no call on callback ${id} but ${call.method} came at ${call.receivedAt.toISOString()}`,
        call,
      )
    },

    async calls() {
      await core.started()
      const calls: Call<T>[] = []
      for (let afterSeq = 0; ; ) {
        const page = await store.calls(id, { afterSeq, limit: 100 })
        for (const found of page) calls.push((await core.callFrom(found)) as Call<T>)
        const last = page.at(-1)
        if (last === undefined || page.length < 100) return calls
        afterSeq = last.seq
      }
    },

    async rejections() {
      await core.started()
      const all = await store.rejections(id)
      return all.map((sealed) => decodeRejection(core.sealer.open(sealed, placeOf.rejection(id))))
    },

    respondNext(responder, { times = 1, store: stored } = {}) {
      if (!Number.isSafeInteger(times) || times < 1) throw new TypeError(`Expected times to be 1 or more but found ${times}`)
      const queue = core.injections.get(id) ?? []
      core.injections.set(id, queue)
      queue.push({ responder, left: times, store: stored })
    },

    async status() {
      await core.started()
      const snapshot = await store.snapshot(id)
      if (snapshot === null)
        throw new CallbackEndpointError('ERR_CALLBACK_UNKNOWN', id, `Callback ${id} is not in the store any more`)
      return statusOf(core, snapshot)
    },

    async bind(exchange) {
      const contract = core.settings.get(id)?.contract
      if (contract === undefined) throw new TypeError(`Expected an endpoint that createFromOpenAPI made here but ${id} is none`)
      contract.bind(exchange, id)
    },

    complete: () => end('completed', null),
    cancel: (reason) => end('cancelled', reason ?? null),

    async *[Symbol.asyncIterator]() {
      for (;;) {
        try {
          yield await receive({ until: Number.POSITIVE_INFINITY, timeoutMs: Number.POSITIVE_INFINITY, options: {} })
        } catch (error) {
          if (error instanceof CallbackCompletedError) return
          throw error
        }
      }
    },

    async [Symbol.asyncDispose]() {
      await end('cancelled', 'disposed')
    },
  }
  return endpoint

  async function end(to: 'completed' | 'cancelled', reason: string | null): Promise<void> {
    await core.started()
    if (await store.end(id, to, reason, clock.now())) core.emit('ended', id, to)
    core.injections.delete(id)
  }
}

function endError(status: CallbackStatus): CallbackEndpointError {
  const { id, state, reason, accepted } = status
  const calls = `${accepted} call${accepted === 1 ? '' : 's'} came`
  if (state === 'completed') return new CallbackCompletedError(id, `Callback ${id} is completed: ${calls}, all are read`)
  if (state === 'expired')
    return new CallbackExpiredError(id, `Callback ${id} expired at ${status.expiresAt?.toISOString()}: ${calls}`)
  return new CallbackCancelledError(id, `Callback ${id} was cancelled${reason === undefined ? '' : `: ${reason}`}`, reason)
}
