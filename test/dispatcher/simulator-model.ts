import type { Attempt, Claim, DeliveryState, Lease, LeasedDelivery, NewDelivery, Release, Settlement } from 'ringback/dispatcher'

/** What must be so, whatever fails; what was seen to be otherwise is kept, in the order in which it was seen. */
export interface Model {
  readonly violations: readonly string[]
  readonly rows: ReadonlyMap<string, Row>
  /** Clocks have jumped: who has a lease may think that it has ended, or that it has not. */
  clocksDisagree: boolean
  inserted(deliveries: readonly NewDelivery[], isNew: readonly boolean[], leases: readonly (Lease | undefined)[]): void
  claimed(leased: readonly LeasedDelivery[], claim: Pick<Claim, 'now' | 'token'>): void
  expired(leased: readonly LeasedDelivery[], claim: Pick<Claim, 'now' | 'token'>): void
  settled(settlements: readonly Settlement[], written: readonly boolean[]): void
  released(releases: readonly Release[], written: readonly boolean[]): void
  changed(ids: readonly string[], how: 'cancel' | 'hold' | 'resume' | 'requeue'): void
  /** A request for this delivery goes out. `tokens`: of the leases that its process believes to have. */
  sending(id: string, tokens: ReadonlySet<string>): void
  /** It should not stay as it is: it is pending or leased, and no delivery that is held stands before it. */
  isOpen(id: string): boolean
  fail(what: string): void
}

export interface Row {
  readonly order: number
  readonly orderingKey: string | undefined
  readonly attempts: readonly Attempt[]
  readonly state: DeliveryState
  readonly lease: Lease | undefined
  readonly attemptsBefore: number
  readonly wasRequeued: boolean
  /** Requests that went out, each with what came back; `undefined`: nothing yet. */
  readonly sends: { status: number | undefined }[]
}

const settledStates: readonly DeliveryState[] = ['delivered', 'dead', 'cancelled']
const rejected = [413, 414, 415, 431, 501, 505]
const day = 86_400_000

/** The same rules as the dispatcher and its stores have, written a second time and without regard to speed. */
export function createModel(schedule: readonly number[]): Model {
  const violations: string[] = []
  const rows = new Map<string, { -readonly [K in keyof Row]: Row[K] } & { attempts: Attempt[] }>()
  const fail = (what: string): void => void violations.push(what)
  const rowOf = (id: string) => {
    const row = rows.get(id)
    if (row === undefined) fail(`${id} is not known`)
    return row
  }
  const grant = (id: string, lease: Lease): void => {
    const row = rowOf(id)
    if (row === undefined) return
    row.lease = lease
    row.state = 'leased'
  }

  const model: Model = {
    violations,
    rows,
    clocksDisagree: false,
    fail,
    isOpen(id) {
      const row = rows.get(id)
      if (row?.state !== 'pending' && row?.state !== 'leased') return false
      const { orderingKey, order, wasRequeued } = row
      // What is requeued waits for whatever of its key is not settled by then, also for what was enqueued later.
      const before = [...rows.values()].filter(
        (other) => other.orderingKey === orderingKey && (wasRequeued || other.order < order),
      )
      return orderingKey === undefined || !before.some(({ state }) => state === 'held')
    },
    inserted(deliveries, isNew, leases) {
      deliveries.forEach(({ id, orderingKey }, i) => {
        const known = rows.has(id)
        if (isNew[i] === known) fail(`${id} is ${known ? '' : 'not '}known, and insert answered ${isNew[i]}`)
        if (known) return
        rows.set(id, {
          order: rows.size,
          orderingKey,
          attempts: [],
          state: 'pending',
          lease: undefined,
          attemptsBefore: 0,
          wasRequeued: false,
          sends: [],
        })
        const lease = leases[i]
        if (lease !== undefined) grant(id, lease)
      })
    },
    claimed(leased, { token }) {
      for (const { delivery, lease } of leased) {
        const row = rowOf(delivery.id)
        if (row?.state !== 'pending')
          fail(`${delivery.id} is claimed by ${token} while it is ${row?.state}, leased by ${row?.lease?.token}`)
        grant(delivery.id, lease)
      }
    },
    expired(leased, { now, token }) {
      for (const { delivery, lease } of leased) {
        const row = rowOf(delivery.id)
        if (row?.lease === undefined || row.state !== 'leased')
          fail(`${token} takes over the lease of ${delivery.id}, which is ${row?.state}`)
        else if (row.lease.until > now)
          fail(`${token} takes over ${delivery.id} at ${now}, whose lease goes on until ${row.lease.until}`)
        grant(delivery.id, lease)
      }
    },
    settled(settlements, written) {
      settlements.forEach((settlement, i) => {
        const { lease, attempt, consequence } = settlement
        const row = rows.get(lease.id)
        const isHeld = row?.state === 'leased' && row.lease?.token === lease.token
        if (written[i] !== isHeld)
          fail(`settle of ${lease.id} by ${lease.token} answered ${written[i]}, leased by ${row?.lease?.token}`)
        if (row === undefined || !isHeld) return
        if (attempt.n !== row.attempts.length + 1) fail(`${lease.id}: attempt ${attempt.n} after ${row.attempts.length} attempts`)
        const problem = verdictProblem(settlement, row.attemptsBefore, schedule, model.clocksDisagree)
        if (problem !== undefined) fail(`${lease.id}: ${problem}`)
        row.attempts.push(attempt)
        row.lease = undefined
        row.state = consequence.kind === 'retry' ? 'pending' : consequence.kind
        const known = row.attempts.filter(({ outcome, phase }) => outcome.kind !== 'unknown' && phase !== 'policy').length
        if (known > row.sends.length) fail(`${lease.id}: ${known} attempts are recorded, ${row.sends.length} requests went out`)
      })
    },
    released(releases, written) {
      releases.forEach(({ lease, isHeld: isPutAside }, i) => {
        const row = rows.get(lease.id)
        const isHeld = row?.state === 'leased' && row.lease?.token === lease.token
        if (written[i] !== isHeld)
          fail(`release of ${lease.id} by ${lease.token} answered ${written[i]}, leased by ${row?.lease?.token}`)
        if (row === undefined || !isHeld) return
        row.state = isPutAside ? 'held' : 'pending'
        row.lease = undefined
      })
    },
    changed(ids, how) {
      for (const id of ids) {
        const row = rowOf(id)
        if (row === undefined) continue
        if (!mayChange(row.state, how)) fail(`${how} of ${id}, which is ${row.state}`)
        row.state = how === 'cancel' ? 'cancelled' : how === 'hold' ? 'held' : 'pending'
        if (how !== 'requeue') continue
        row.attemptsBefore = row.attempts.length
        row.wasRequeued = true
      }
    },
    sending(id, tokens) {
      const row = rowOf(id)
      if (row === undefined) return
      row.sends.push({ status: undefined })
      if (row.lease === undefined || !tokens.has(row.lease.token)) {
        if (!model.clocksDisagree) fail(`${id} is sent while it is ${row.state}, without a lease`)
      }
      if (row.orderingKey === undefined) return
      const same = [...rows].filter(([, other]) => other.orderingKey === row.orderingKey)
      if (same.some(([, other]) => other.wasRequeued)) return
      for (const [otherId, other] of same) {
        if (other.order < row.order && !settledStates.includes(other.state))
          fail(`${id} is sent before ${otherId}, which is ${other.state}`)
      }
    },
  }
  return model
}

function mayChange(state: DeliveryState, how: 'cancel' | 'hold' | 'resume' | 'requeue'): boolean {
  if (how === 'cancel') return state === 'pending' || state === 'held'
  if (how === 'hold') return state === 'pending'
  return how === 'resume' ? state === 'held' : settledStates.includes(state)
}

/** The verdict table of the delivery contract, for the profile `standard`. */
function verdictProblem(
  { attempt, consequence }: Settlement,
  attemptsBefore: number,
  schedule: readonly number[],
  clocksDisagree: boolean,
): string | undefined {
  const { outcome, n } = attempt
  const is = consequence.kind === 'dead' ? `dead, ${consequence.reason}` : consequence.kind
  const expected = finalVerdict(outcome) ?? (n - attemptsBefore >= schedule.length ? 'dead, exhausted' : 'retry')
  const told = `attempt ${n} (${JSON.stringify(outcome).slice(0, 120)})`
  if (is !== expected) return `${told} makes it ${is}, expected ${expected}`
  if (consequence.kind !== 'retry') return undefined
  if (attempt.nextAt !== consequence.dueAt) return `${told}: nextAt is ${attempt.nextAt}, dueAt ${consequence.dueAt}`
  // An attempt during which the clock is set has no length.
  if (clocksDisagree) return undefined
  const step = schedule[n - attemptsBefore] ?? 0
  const floor = outcome.kind === 'unknown' ? 0 : Math.max(step * 0.8, floorOf(outcome))
  const waits = consequence.dueAt - (attempt.startedAt + attempt.timings.total)
  return waits < Math.floor(floor) - 1 ? `${told} is retried after ${waits} ms, expected ${floor} or more` : undefined
}

function finalVerdict(outcome: Attempt['outcome']): string | undefined {
  if (outcome.kind === 'refused' || outcome.kind === 'unbuildable') return 'dead, refused'
  if (outcome.kind !== 'response') return undefined
  if (outcome.status >= 200 && outcome.status < 300) return 'delivered'
  if (outcome.status === 410) return 'dead, gone'
  return rejected.includes(outcome.status) ? 'dead, rejected' : undefined
}

function floorOf(outcome: Attempt['outcome']): number {
  if (outcome.kind === 'failed') return outcome.cause === 'timeout' ? 60_000 : 0
  if (outcome.kind !== 'response') return 0
  const asked = Number(outcome.headers['retry-after'] ?? 0) * 1000
  return Math.max([429, 502, 504].includes(outcome.status) ? 60_000 : 0, Math.min(asked, day))
}
