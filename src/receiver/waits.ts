import { endOf } from './checks.ts'
import type { Core } from './core.ts'
import type { CallRow, EndpointRow } from './store.ts'
import { base64url } from './tokens.ts'

export interface Wait {
  /** An instant; `Infinity`: none. */
  readonly until: number
  readonly signal?: AbortSignal | undefined
  /** A durable name; without one the wait is this process's own. */
  readonly name?: string | undefined
}

export type WaitResult =
  | { readonly kind: 'call'; readonly row: CallRow /** Gives it back unread. */; release(): Promise<void> }
  | { readonly kind: 'timeout' | 'ended' | 'closed' }
  | { readonly kind: 'aborted'; readonly reason: unknown }

export interface Waits {
  wait(endpoint: EndpointRow, wait: Wait): Promise<WaitResult>
  /** Ends all of them, here; what they were waiting for stays for others. */
  close(): void
}

/** A wait of this process, and what it has heard since it last looked. */
interface Waiter {
  readonly id: string
  news: boolean
  late: boolean
  wake(): void
}

// Renewed three times before it runs out.
const leaseMs = 30_000
const renewMs = 10_000

export function createWaits(core: Core): Waits {
  const { store, clock, deadlines, profile } = core
  const waiting = new Map<string, Set<Waiter>>()
  /** The last registration at each endpoint: waits stand in line in the order in which they were called. */
  const lines = new Map<string, Promise<unknown>>()
  let closed = false

  core.listeners.add(({ endpointId, waiterId, ended }) => {
    for (const waiter of waiting.get(endpointId) ?? []) if (ended === true || waiter.id === waiterId) tell(waiter)
  })

  async function wait(endpoint: EndpointRow, { until, signal, name }: Wait): Promise<WaitResult> {
    if (signal?.aborted === true) return { kind: 'aborted', reason: signal.reason }
    const waiter: Waiter = {
      id: name === undefined ? base64url(core.random(16)) : `name:${name}`,
      news: false,
      late: false,
      wake() {},
    }
    // Known here before the store is asked, so that no signal goes past it.
    const here = waiting.get(endpoint.id) ?? new Set()
    waiting.set(endpoint.id, here.add(waiter))
    const timers = [
      deadlines.at(until, () => {
        waiter.late = true
        waiter.wake()
      }),
      deadlines.at(endpoint.expiresAt ?? Number.POSITIVE_INFINITY, () => tell(waiter)),
    ]
    const onAbort = (): void => waiter.wake()
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      return await decide()
    } finally {
      signal?.removeEventListener('abort', onAbort)
      for (const timer of timers) timer.cancel()
      here.delete(waiter)
      if (here.size === 0) waiting.delete(endpoint.id)
    }

    async function decide(): Promise<WaitResult> {
      for (let look = inLine(endpoint.id, claim); ; look = claim()) {
        const found = await look
        if (found === 'ended') return { kind: 'ended' }
        if (found !== 'waiting') return signal?.aborted === true ? aborted(signal) : call(found)
        await news()
        if (closed) {
          await store.withdraw(endpoint.id, waiter.id, 'release', clock.now())
          return { kind: 'closed' }
        }
        if (signal?.aborted === true) return aborted(signal)
        if (waiter.late) {
          const last = await lastLook()
          return last === null ? { kind: 'timeout' } : call(last)
        }
      }
    }

    async function claim(): Promise<CallRow | 'waiting' | 'ended'> {
      waiter.news = false
      if (!profile.readsAfterEnd) {
        const now = await store.getEndpoint(endpoint.id)
        if (now === null || endOf(now, clock.now()) !== undefined) return 'ended'
      }
      return store.claim(
        endpoint.id,
        waiter.id,
        name !== undefined,
        clock.now(),
        store.durable ? leaseMs : Number.POSITIVE_INFINITY,
      )
    }

    /** Decides a timeout in the store: the call is ours, or it stays for the next wait. */
    async function lastLook(): Promise<CallRow | null> {
      // Another wait of the same name goes on: its place in the line must stay.
      if (!hasNamesake()) return store.withdraw(endpoint.id, waiter.id, 'take', clock.now())
      const found = await claim()
      return typeof found === 'string' ? null : found
    }

    async function aborted({ reason }: AbortSignal): Promise<WaitResult> {
      if (!hasNamesake()) await store.withdraw(endpoint.id, waiter.id, 'release', clock.now())
      return { kind: 'aborted', reason }
    }

    function hasNamesake(): boolean {
      return name !== undefined && [...here].some((other) => other !== waiter && other.id === waiter.id)
    }

    function call(row: CallRow): WaitResult {
      return {
        kind: 'call',
        row,
        async release() {
          await store.withdraw(endpoint.id, waiter.id, 'release', clock.now())
        },
      }
    }

    async function news(): Promise<void> {
      const renewal = store.durable ? deadlines.at(clock.now() + renewMs, () => tell(waiter)) : undefined
      await new Promise<void>((resolve) => {
        waiter.wake = resolve
        if (waiter.news || waiter.late || closed || signal?.aborted === true) resolve()
      })
      renewal?.cancel()
    }
  }

  async function inLine<T>(endpointId: string, register: () => Promise<T>): Promise<T> {
    const before = lines.get(endpointId)
    const mine = (async () => {
      // Whether the one before failed is its own affair.
      await before?.then(undefined, () => {})
      return register()
    })()
    lines.set(endpointId, mine)
    try {
      return await mine
    } finally {
      if (lines.get(endpointId) === mine) lines.delete(endpointId)
    }
  }

  return {
    wait,
    close() {
      closed = true
      for (const here of waiting.values()) for (const waiter of here) waiter.wake()
    },
  }
}

function tell(waiter: Waiter): void {
  waiter.news = true
  waiter.wake()
}
