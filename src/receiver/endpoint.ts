import { RingbackError } from '../errors/index.ts'
import { checkReply } from './answer.ts'
import type { Call } from './call.ts'
import type { CallbackEndpoint, WaitOptions } from './callback-endpoint.ts'
import { awaitPayload, type NoCall, readCall } from './claim-check.ts'
import type { Core } from './core.ts'
import { milliseconds } from './duration.ts'
import { endError } from './end-error.ts'
import { CallbackCompletedError, CallbackEndpointError, CallbackTimeoutError, CallbackUnexpectedError } from './errors.ts'
import { nameOf } from './name-of.ts'
import { isUrlOf } from './own-url.ts'
import { placeOf } from './places.ts'
import { decodeRejection } from './records.ts'
import { statusOf } from './status-of.ts'
import type { EndpointRow } from './store.ts'
import { timeoutReport } from './timeout-report.ts'
import type { Waits } from './waits.ts'

/** One wait for one call; `timeoutMs` is what an error tells, `until` what counts. */
interface Receipt {
  readonly until: number
  readonly timeoutMs: number
  readonly options: WaitOptions
  /** Of a `take()`. */
  readonly progress?: { readonly received: readonly Received<unknown>[]; readonly of: number }
}

interface Received<T> {
  readonly call: Call<T>
  /** Gives it back unread. */
  release(): Promise<void>
}

export function createEndpoint<T>(core: Core, waits: Waits, row: EndpointRow, secret: string | undefined): CallbackEndpoint<T> {
  const { id } = row
  const { store, clock } = core
  const unknownBefore = core.traffic.unknown

  async function receive({ until, timeoutMs, options, progress }: Receipt): Promise<Received<T>> {
    const { signal } = options
    const waiter = options.waiter === undefined ? undefined : nameOf(options.waiter, 'waiter')
    await core.started()
    await core.checkReadable(row)
    const result = await awaitPayload(core, row, () => waits.wait(row, { until, signal, name: waiter }), until, signal)
    if (result.kind !== 'payload') throw await failure(result, timeoutMs, progress)
    core.emit('delivered', id)
    return { call: result.call as Call<T>, release: result.release }
  }

  async function failure(result: NoCall, timeoutMs: number, progress?: Receipt['progress']): Promise<unknown> {
    if (result.kind === 'aborted') return result.reason
    if (result.kind === 'closed')
      return new RingbackError('ERR_RECEIVER_CLOSED', `The receiver was closed while callback ${id} was awaited`)
    const status = await endpoint.status()
    const received = (progress?.received ?? []).map(({ call }) => call)
    const had = progress === undefined ? undefined : `${received.length} of ${progress.of} calls`
    if (result.kind === 'timeout') {
      core.emit('timeout', id)
      const rejections = await endpoint.rejections()
      const unknown = core.traffic.unknown - unknownBefore
      const report = timeoutReport(status, rejections, {
        afterMs: timeoutMs,
        unknown,
        wanted: had ?? 'no call',
        unfetched: result.unfetched,
      })
      return new CallbackTimeoutError(report, status, rejections, received, result.unfetched?.error)
    }
    return endError(status, had, received)
  }

  function timeoutOf({ timeout }: WaitOptions): number {
    if (timeout !== undefined) return milliseconds(timeout, 'timeout', { infinity: true })
    return core.defaultTimeoutMs ?? core.profile.waitTimeoutMs ?? Number.POSITIVE_INFINITY
  }

  function urlOf(): string {
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
  }

  const endpoint: CallbackEndpoint<T> = {
    id,

    get url() {
      return urlOf()
    },

    toJSON: () => ({ id }),

    async next(options = {}) {
      const timeoutMs = timeoutOf(options)
      return (await receive({ until: clock.now() + timeoutMs, timeoutMs, options })).call
    },

    async take(n, options = {}) {
      if (!Number.isSafeInteger(n) || n < 0) throw new TypeError(`Expected a number of calls but found ${n}`)
      const timeoutMs = timeoutOf(options)
      const until = clock.now() + timeoutMs
      const all: Received<T>[] = []
      const taking = (async () => {
        try {
          while (all.length < n) {
            const { waiter } = options
            const each = waiter === undefined ? options : { ...options, waiter: `${waiter}#${all.length}` }
            const progress = { received: all, of: n }
            all.push(await receive({ until, timeoutMs, options: each, progress }))
          }
        } catch (error) {
          // Those errors have what came; others cannot hand it over, so that it must stay for the next wait.
          const handed = error instanceof CallbackEndpointError && error.received.length === all.length
          if (!handed) for (const { release } of all) await release()
          throw error
        }
        return all.map(({ call }) => call)
      })()
      core.underway.add(taking)
      return taking.finally(() => core.underway.delete(taking))
    },

    async expectNone(within) {
      const until = clock.now() + milliseconds(within, 'within')
      await core.started()
      await core.checkReadable(row)
      const result = await waits.wait(row, { until })
      if (result.kind === 'timeout') return
      if (result.kind !== 'call') {
        const error = await failure(result, 0)
        // No call can come any more, and none came.
        if (error instanceof CallbackEndpointError && error.code !== 'ERR_CALLBACK_CANCELLED') return
        throw error
      }
      const call = await readCall(core, result)
      throw new CallbackUnexpectedError(
        id,
        `Expected no call on callback ${id} but ${call.method} came at ${call.receivedAt.toISOString()}`,
        call,
      )
    },

    async calls() {
      await core.started()
      await core.checkReadable(row)
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
      if (typeof responder !== 'function') checkReply(responder)
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

    async bind(exchange, { anyHost = false } = {}) {
      const contract = core.settings.get(id)?.contract
      if (contract === undefined) throw new TypeError(`Expected an endpoint that createFromOpenAPI made here but ${id} is none`)
      contract.bind(exchange, (url) => isUrlOf(core, row, url, anyHost))
    },

    complete: () => end('completed', null),
    cancel: (reason) => end('cancelled', reason ?? null),

    async *[Symbol.asyncIterator]() {
      for (;;) {
        try {
          yield (await receive({ until: Number.POSITIVE_INFINITY, timeoutMs: Number.POSITIVE_INFINITY, options: {} })).call
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
  // Not for whoever copies, prints or compares what it finds: the URL is a secret, and asking for it may throw.
  Object.defineProperty(endpoint, 'url', { enumerable: false })
  return endpoint

  async function end(to: 'completed' | 'cancelled', reason: string | null): Promise<void> {
    await core.started()
    if (await store.end(id, to, reason, clock.now())) core.emit('ended', id, to)
    core.injections.delete(id)
  }
}
