import type {
  Attempt,
  Claim,
  Consequence,
  DeliveryStore,
  LeasedDelivery,
  NewDelivery,
  Settlement,
} from '../../dispatcher/index.ts'

/** The instant at which all that the suite stores is enqueued and due. */
export const t0 = 1_700_000_000_000

/** What every case is given: a store of its own, empty at the start, and the shorthands for it. */
export interface Bench {
  readonly store: DeliveryStore
  /** A token of its own every time; by default up to 100, at `t0`, for a second. */
  claim(changes?: Partial<Claim>): Promise<readonly LeasedDelivery[]>
  claimOne(changes?: Partial<Claim>): Promise<LeasedDelivery>
  stateOf(id: string): Promise<string | undefined>
}

/** Cases by what they show. */
export type StoreCases = Readonly<Record<string, (bench: Bench) => Promise<void>>>

export function benchOn(store: DeliveryStore): Bench {
  let tokens = 0
  const claim = (changes: Partial<Claim> = {}): Promise<readonly LeasedDelivery[]> => {
    const token = `t${tokens++}`
    return store.claim({ now: t0, limit: 100, perOrigin: 100, taken: new Map(), token, leaseUntil: t0 + 1000, ...changes })
  }
  return {
    store,
    claim,
    async claimOne(changes = {}) {
      const [leased] = await claim({ limit: 1, ...changes })
      if (leased === undefined) throw new Error('Expected something to claim.')
      return leased
    },
    stateOf: async (id) => (await store.get(id))?.delivery.state,
  }
}

/** One case for each of the values. */
export function each<T>(
  values: readonly T[],
  make: (value: T) => readonly [name: string, run: (bench: Bench) => Promise<void>],
): StoreCases {
  return Object.fromEntries(values.map(make))
}

export function newDelivery(id: string, changes: Partial<NewDelivery> = {}): NewDelivery {
  return {
    id,
    request: {
      id,
      method: 'POST',
      url: 'https://a.example/cb',
      headers: { 'content-type': 'text/plain', 'x-two': ['1', '2'] },
      body: new Uint8Array([0, 255, 10]),
      constraint: { scheme: 'https', authority: { kind: 'exact', host: 'a.example', port: '' } },
      metadata: { callback: 'onEvent' },
    },
    origin: 'https://a.example',
    metadata: { callback: 'onEvent', n: 1 },
    createdAt: t0,
    dueAt: t0,
    ...changes,
  }
}

export function attempt(n: number, changes: Partial<Attempt> = {}): Attempt {
  return {
    n,
    startedAt: t0 + n,
    phase: 'body',
    sent: 'yes',
    outcome: { kind: 'response', status: 503, headers: { 'retry-after': '5' }, body: new Uint8Array([1, 2, 3]) },
    remoteAddress: '93.184.215.14',
    reusedConnection: false,
    timings: { dns: 1, total: 2.5 },
    ...changes,
  }
}

export function delivered({ delivery, lease }: LeasedDelivery): Settlement {
  return { lease, attempt: attempt(delivery.attempts + 1), consequence: { kind: 'delivered', at: t0 } }
}

export function endOf(kind: 'delivered' | 'dead'): Consequence {
  return kind === 'dead' ? { kind, at: t0, reason: 'exhausted' } : { kind, at: t0 }
}

export function ids(leased: readonly LeasedDelivery[]): string[] {
  return leased.map(({ delivery }) => delivery.id)
}
