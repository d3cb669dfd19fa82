import { isRingbackError } from '../errors/index.ts'
import { deferred } from '../util/index.ts'
import type { Call } from './call.ts'
import type { Core } from './core.ts'
import { makeCall } from './make-call.ts'
import type { EndpointRow } from './store.ts'
import type { WaitResult } from './waits.ts'

export type NoCall = Exclude<WaitResult, { kind: 'call' }> & { readonly unfetched?: Unfetched }

/** A call came, but not the payload that it stands for. */
export interface Unfetched {
  readonly tries: number
  /** What `claimCheck.fetch` failed with the last time; `undefined`: it has not ended. */
  readonly error?: unknown
}

const firstPauseMs = 1000
const longestPauseMs = 30_000

/**
 * The next call, with the payload it stands for where the endpoint has a claim check. A payload that cannot be fetched is tried
 * again, after pauses that double; in between, and when the time is over, its call is unread.
 */
export async function awaitPayload(
  core: Core,
  endpoint: EndpointRow,
  wait: () => Promise<WaitResult>,
  until: number,
  signal: AbortSignal | undefined,
): Promise<NoCall | { readonly kind: 'payload'; readonly call: Call; release(): Promise<void> }> {
  const { claimCheck } = core.settings.get(endpoint.id) ?? {}
  let unfetched: Unfetched | undefined
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const result = await wait()
    if (result.kind !== 'call') return unfetched === undefined ? result : { ...result, unfetched }
    const call = await readCall(core, result)
    if (claimCheck === undefined) return { kind: 'payload', call, release: result.release }
    const payload = await inTime(() => claimCheck.fetch(call.query.get(claimCheck.param ?? 'id') ?? '', call), until)
    if (payload !== undefined && 'value' in payload)
      return { kind: 'payload', call: await makeCall(core, result.row, { body: payload.value }), release: result.release }
    unfetched = { ...unfetched, tries: (unfetched?.tries ?? 0) + 1, ...payload }
    if (payload !== undefined)
      core.emit('failed', endpoint.id, `claimCheck: ${payload.error instanceof Error ? payload.error.name : 'error'}`)
    await result.release()
    await inTime(() => new Promise<never>(() => {}), Math.min(core.clock.now() + pauseMs, until))
    if (core.traffic.closed) return { kind: 'closed' }
    if (signal?.aborted === true) return { kind: 'aborted', reason: signal.reason }
    if (core.clock.now() >= until) return { kind: 'timeout', unfetched }
  }

  /** What became of it, or `undefined` when the time was over, the wait aborted or the receiver closed before. */
  async function inTime(
    work: () => Promise<unknown>,
    instant: number,
  ): Promise<{ value: unknown } | { error: unknown } | undefined> {
    const over = deferred<undefined>()
    const end = (): void => over.resolve(undefined)
    // An instant that never comes would not hear of the receiver's end either.
    const timer = core.deadlines.at(Math.min(instant, Number.MAX_SAFE_INTEGER), end)
    signal?.addEventListener('abort', end, { once: true })
    if (signal?.aborted === true) end()
    try {
      return await Promise.race([
        over.promise,
        // In a function of its own: work that throws before it waits for anything is no different from work that rejects.
        (async () => work())().then(
          (value) => ({ value }),
          (error: unknown) => ({ error }),
        ),
      ])
    } finally {
      timer.cancel()
      signal?.removeEventListener('abort', end)
    }
  }
}

/**
 * A call that cannot be read now, because its key is missing or a schema throws, is given back: it can be read when that is mended. A
 * broken one can never be read, and is not.
 */
export async function readCall(core: Core, { row, release }: Extract<WaitResult, { kind: 'call' }>): Promise<Call> {
  try {
    return await core.callFrom(row)
  } catch (error) {
    if (!isRingbackError(error, 'ERR_SEAL_BROKEN')) await release()
    throw error
  }
}
