import { createHash } from 'node:crypto'
import {
  createDispatcher,
  type DeliveryStore,
  type Dispatcher,
  memoryStore,
  retrySchedule,
  type SendReport,
  sqliteStore,
  type Transport,
} from 'ringback/dispatcher'
import { type ManualClock, manualClock, seededNumbers, seededRandom } from 'ringback/testing'
import { createModel, type Model } from './simulator-model.ts'
import { answered, callbackRequest } from './support.ts'

/** What may go wrong in a run. */
const FAULTS = ['crash', 'clock', 'store-error', 'lost-answer', 'slow-store', 'twice', 'network', 'operator'] as const
export type Fault = (typeof FAULTS)[number]

export interface Plan {
  readonly seed: number
  readonly store: 'memory' | 'sqlite'
  readonly steps: number
  readonly processes: number
  readonly faults: readonly Fault[]
  /** A process dies at its n-th call of store or network, before or after that takes effect, and nowhere else. */
  readonly crashAt?: { readonly n: number; readonly when: 'before' | 'after' }
}

export interface Run {
  readonly violations: readonly string[]
  readonly trace: readonly string[]
  /** Of the trace: the same plan gives the same. */
  readonly digest: string
  /** Calls of store and network. */
  readonly awaits: number
}

const waitsMs = [0, 5000, 60_000, 300_000]
const leaseMs = 45_000
const hour = 3_600_000
const origins = ['https://a.example', 'https://b.example', 'https://c.example']
const behaviours = ['healthy', 'flaky', 'down', 'busy', 'odd'] as const
const mostCallsNow = 2000
const mostAwaitsAtEnd = 50_000
const methods = ['insert', 'claim', 'claimExpired', 'settle', 'release', 'change', 'nextWakeAt', 'purge'] as const

/** The plan of a seed, with everything that can go wrong. */
export function planOf(seed: number): Plan {
  const store = seed % 2 === 0 ? 'memory' : 'sqlite'
  return { seed, store, steps: 15 + (seed % 25), processes: 1 + (seed % 3), faults: FAULTS }
}

/** Runs real dispatchers over one store, on a clock of its own; every failure is chosen by the seed. */
export async function simulate(plan: Plan): Promise<Run> {
  const world = createWorld(plan)
  const chance = seededNumbers(plan.seed)
  const pick = <T>(items: readonly T[]): T => items[Math.floor(chance() * items.length)] as T
  let enqueued = 0
  const has = (fault: Fault): boolean => plan.faults.includes(fault)
  const alive = (): Process[] => world.processes.filter((one) => one.alive)

  world.start()
  for (let step = 0; step < plan.steps && world.model.violations.length === 0; step++) {
    const what = chance()
    if (alive().length === 0) world.start()
    const living = alive()
    // It may have died as it started.
    if (living.length === 0) continue
    const process = pick(living)
    if (what < 0.45) {
      for (let n = 1 + Math.floor(chance() * 4); n > 0; n--) {
        const id = chance() < 0.1 && enqueued > 0 ? `d${Math.floor(chance() * enqueued)}` : `d${enqueued++}`
        const orderingKey = chance() < 0.3 ? { orderingKey: pick(['k1', 'k2']) } : {}
        const delayMs = chance() < 0.1 ? { delayMs: 1 + Math.floor(chance() * 20_000) } : {}
        process.enqueue(id, `${pick(origins)}/${pick(['x', 'y'])}`, { ...orderingKey, ...delayMs })
      }
    } else if (what < 0.72) await world.clock.advance(pick([1, 20, 1000, 7000, 61_000, 400_000]))
    else if (what < 0.78) world.behave(pick(origins), has('network') ? pick(behaviours) : 'healthy')
    else if (what < 0.84 && has('crash')) process.crash('step')
    else if (what < 0.89 && living.length < plan.processes) world.start()
    else if (what < 0.92) process.stop(pick([0, 1000, 20_000]))
    else if (what < 0.95 && has('clock')) process.jump(pick([-hour, -50_000, -1000, 1000, 50_000, hour]))
    else if (has('operator'))
      process.change(pick(['cancel', 'hold', 'resume', 'requeue'] as const), `d${Math.floor(chance() * enqueued)}`)
    await world.clock.advance(0)
  }
  await world.heal(chance() < 0.5)
  return { violations: world.model.violations, trace: world.trace, digest: digestOf(world.trace), awaits: world.awaits() }
}

/** The smallest plan found that still goes wrong: without faults that do not matter, with fewer steps and processes. */
export async function shrink(plan: Plan): Promise<Plan> {
  let smallest = plan
  const goesWrong = async (smaller: Plan): Promise<boolean> => {
    const isWrong = (await simulate(smaller)).violations.length > 0
    if (isWrong) smallest = smaller
    return isWrong
  }
  for (const fault of FAULTS) await goesWrong({ ...smallest, faults: smallest.faults.filter((one) => one !== fault) })
  while (smallest.processes > 1 && (await goesWrong({ ...smallest, processes: smallest.processes - 1 })));
  for (let steps = 1; steps < smallest.steps; steps++) if (await goesWrong({ ...smallest, steps })) break
  return smallest
}

/** For whoever has to find out: what was wrong, how to see it again, and what led to it. */
export function report(plan: Plan, run: Run): string {
  const about = new Set(run.violations[0]?.match(/\bd\d+\b/g) ?? [])
  const lines = run.trace.filter(
    (line) => about.size === 0 || !/\bd\d+\b/.test(line) || [...about].some((id) => line.match(`\\b${id}\\b`)),
  )
  const head = `RINGBACK_SEED=${plan.seed} (${plan.store}, ${plan.steps} steps, ${plan.processes} processes; ${plan.faults.join(', ') || 'no faults'})`
  return [head, ...run.violations.slice(0, 5), '', ...lines.slice(-120)].join('\n')
}

type Change = 'cancel' | 'hold' | 'resume' | 'requeue'

interface Process {
  readonly alive: boolean
  enqueue(id: string, url: string, options: object): void
  change(how: Change, id: string): void
  crash(why: string): void
  stop(drainMs: number): void
  jump(byMs: number): void
}

interface World {
  readonly clock: ManualClock
  readonly model: Model
  readonly trace: string[]
  readonly processes: readonly Process[]
  awaits(): number
  start(): void
  behave(origin: string, how: (typeof behaviours)[number]): void
  /** No more faults; `afresh`: the processes that are left die too, and a new one does the rest. */
  heal(afresh: boolean): Promise<void>
}

function createWorld(plan: Plan): World {
  const base: DeliveryStore = plan.store === 'memory' ? { ...memoryStore() } : sqliteStore({ path: ':memory:' })
  const clock = manualClock({ start: 1_700_000_000_000 })
  const model = createModel(waitsMs)
  const trace: string[] = []
  const processes: Process[] = []
  const chance = seededNumbers(plan.seed ^ 0x9e3779b9)
  const network = seededNumbers(plan.seed ^ 0x51ed270b)
  const behaviour = new Map<string, (typeof behaviours)[number]>()
  const accepted = new Set<string>()
  const told = new Map<string, string>()
  let isHealed = false
  let awaits = 0
  let hasCrashed = false
  let jumpedMs = 0
  let calledAt = 0
  let callsNow = 0
  let turn: Promise<unknown> = Promise.resolve()
  const has = (fault: Fault): boolean => !isHealed && plan.faults.includes(fault)
  const note = (line: string): void =>
    void trace.push(`${((clock.now() - 1_700_000_000_000) / 1000).toFixed(3).padStart(10)} ${line}`)
  /** One call at a time takes effect, so that the model sees what the store has done in the same order. */
  const exclusively = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work)
    turn = done.catch(() => {})
    return done
  }
  const perform = (method: (typeof methods)[number], parameters: never[]): Promise<unknown> =>
    exclusively(async () => {
      const result = await (base[method] as (...all: never[]) => Promise<never>)(...parameters)
      const [first, second] = parameters
      if (method === 'insert') model.inserted(first as never, result, second ?? [])
      else if (method === 'claim') model.claimed(result, first as never)
      else if (method === 'claimExpired') model.expired(result, first as never)
      else if (method === 'settle') model.settled(first as never, result)
      else if (method === 'release') model.released(first as never, result)
      else if (method === 'change') model.changed(result, second as never)
      return result
    })

  const start = (): void => {
    const name = `p${processes.length}`
    let alive = true
    let offset = 0
    const never = new Promise<never>(() => {})
    const tokens = new Set<string>()
    const openUntil = new Map<string, number>()
    const timers = new Set<{ cancel(): void }>()
    const ownClock = {
      now: () => clock.now() + offset,
      setTimeout(run: () => void, delayMs: number) {
        const timer = clock.setTimeout(() => {
          timers.delete(timer)
          if (alive) run()
        }, delayMs)
        if (alive) timers.add(timer)
        else timer.cancel()
        return {
          cancel() {
            timers.delete(timer)
            timer.cancel()
          },
        }
      },
    }
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => ownClock.setTimeout(resolve, ms))
    const crash = (why: string): void => {
      if (!alive) return
      alive = false
      for (const timer of timers) timer.cancel()
      note(`${name} dies: ${why}`)
    }
    /** The chosen await point has come. */
    const isCrashPoint = (when: 'before' | 'after'): boolean => {
      if (hasCrashed || plan.crashAt?.n !== awaits || plan.crashAt.when !== when) return false
      hasCrashed = true
      return true
    }

    /** A dispatcher that goes round in circles would hang the simulator with it. */
    const spins = (): boolean => {
      callsNow = clock.now() === calledAt ? callsNow + 1 : 0
      calledAt = clock.now()
      if (callsNow === mostCallsNow) {
        model.fail(`${name} calls its store for ever, while no time passes`)
        crash('it spins')
      }
      return callsNow >= mostCallsNow
    }

    const call = async (method: (typeof methods)[number], ...parameters: never[]): Promise<unknown> => {
      if (!alive || spins()) return never
      awaits++
      const isReading = method === 'nextWakeAt'
      const [crashes, fails, loses, slows, doubles] = [chance(), chance(), chance(), chance(), chance()]
      const delay = chance()
      if ((has('crash') && crashes < 0.008) || isCrashPoint('before')) {
        crash(`before ${method}`)
        return never
      }
      if (has('store-error') && fails < 0.04) {
        note(`${name} ${method} fails`)
        throw new Error(`${method} failed`)
      }
      if (has('slow-store') && slows < 0.05) await sleep(Math.floor(delay * 4000))
      if (!alive) return never
      const mayCrashAfter = isCrashPoint('after')
      let result = await perform(method, parameters)
      if (has('twice') && doubles < 0.03 && method !== 'insert' && method !== 'change') {
        note(`${name} ${method} is done twice`)
        result = await perform(method, parameters)
      }
      if (!isReading && method !== 'purge' && !(method.startsWith('claim') && (result as unknown[]).length === 0))
        note(`${name} ${method} ${summary(method, parameters, result)}`)
      if ((has('crash') && crashes > 0.992) || mayCrashAfter) crash(`after ${method}`)
      if (!alive) return never
      if (has('lost-answer') && loses < 0.03) {
        note(`${name} loses the answer of ${method}`)
        throw new Error(`the answer of ${method} was lost`)
      }
      if (method === 'claim' || method === 'claimExpired') {
        for (const { lease } of result as { lease: { token: string } }[]) tokens.add(lease.token)
      }
      return result
    }
    const store = {
      ...base,
      ...Object.fromEntries(methods.map((method) => [method, (...parameters: never[]) => call(method, ...parameters)])),
      insert(deliveries: never, leases: { token: string }[] = []) {
        for (const lease of leases) if (lease !== undefined) tokens.add(lease.token)
        return call('insert', deliveries, leases as never)
      },
    } as unknown as DeliveryStore

    const send: Transport['send'] = async ({ url, headers }, { signal } = {}) => {
      if (!alive) return never
      awaits++
      const id = String(headers['webhook-id'])
      const { origin } = new URL(url)
      if ((openUntil.get(origin) ?? 0) > ownClock.now() && !model.clocksDisagree)
        model.fail(`${id} is sent although the breaker of ${origin} is open`)
      const crashes = chance()
      if ((has('crash') && crashes < 0.01) || isCrashPoint('before')) {
        crash(`before it sends ${id}`)
        return never
      }
      const mayCrashAfter = isCrashPoint('after')
      model.sending(id, tokens)
      const row = model.rows.get(id)
      const sent = row?.sends.at(-1)
      const startedAt = ownClock.now()
      const { report, delayMs } = replyOf(behaviour.get(origin) ?? 'healthy', network)
      note(
        `${name} sends ${id} to ${url}: ${'status' in report.outcome ? report.outcome.status : JSON.stringify(report.outcome)} after ${delayMs} ms`,
      )
      const aborted = new Promise<'aborted'>((resolve) => signal?.addEventListener('abort', () => resolve('aborted')))
      if (delayMs > 0 && (await Promise.race([sleep(delayMs), aborted])) === 'aborted') {
        note(`${name} aborts ${id}`)
        return { ...report, outcome: { kind: 'failed', cause: 'aborted', code: 'ABORT_ERR', message: '' }, sent: 'maybe' }
      }
      if ('status' in report.outcome && sent !== undefined) sent.status = report.outcome.status
      if ((has('crash') && crashes > 0.99) || mayCrashAfter) crash(`after it has sent ${id}`)
      return alive ? { ...report, timings: { total: Math.max(0, ownClock.now() - startedAt) } } : never
    }

    const dispatcher: Dispatcher = createDispatcher({
      store,
      clock: ownClock,
      random: seededRandom(plan.seed + processes.length),
      transport: { send, close: async () => {} },
      retry: retrySchedule(waitsMs),
      leaseMs,
      pollMs: 1000 * (1 + Math.floor(chance() * 10)),
      concurrency: 1 + Math.floor(chance() * 8),
      perOriginConcurrency: 1 + Math.floor(chance() * 3),
    })
    for (const event of ['delivered', 'dead'] as const) {
      dispatcher.on(event, ({ delivery }) => {
        const before = told.get(delivery.id)
        if (before !== undefined && model.rows.get(delivery.id)?.wasRequeued === false)
          model.fail(`${delivery.id} is told to be ${event}, after ${before}`)
        told.set(delivery.id, event)
      })
    }
    dispatcher.on('breaker', ({ origin, state }) => openUntil.set(origin, state.kind === 'open' ? state.until : 0))
    dispatcher.start()
    note(`${name} starts`)
    processes.push({
      get alive() {
        return alive
      },
      crash,
      enqueue(id, url, options) {
        const enqueue = (): Promise<void> =>
          dispatcher.enqueue(callbackRequest(id, url), options).then(() => void accepted.add(id))
        note(`${name} enqueues ${id} ${JSON.stringify(options)}`)
        // Who gets no answer asks again, once, under the same id.
        enqueue().catch(() => enqueue().catch(() => note(`${name} gives up enqueueing ${id}`)))
      },
      change(how, id) {
        note(`${name} ${how} ${id}`)
        const operator: Record<Change, (id: string) => Promise<unknown>> = dispatcher
        operator[how](id).catch(() => {})
      },
      stop(drainMs) {
        note(`${name} stops within ${drainMs} ms`)
        const stopped = (): void => crash('it has stopped')
        dispatcher.stop({ drainMs }).then(stopped, stopped)
      },
      jump(byMs) {
        note(`${name} has its clock set by ${byMs} ms`)
        model.clocksDisagree = true
        jumpedMs += Math.abs(byMs)
        offset += byMs
      },
    })
  }

  const idle = (): boolean => ![...model.rows].some(([id]) => model.isOpen(id))

  return {
    clock,
    model,
    trace,
    processes,
    awaits: () => awaits,
    start,
    behave(origin, how) {
      note(`${origin} is ${how} now`)
      behaviour.set(origin, how)
    },
    async heal(afresh) {
      note(afresh ? 'all die, and one starts' : 'nothing goes wrong any more')
      isHealed = true
      if (afresh) for (const process of processes) process.crash('heal')
      // Who was told to stop while its store failed is still at it.
      if (!processes.some(({ alive }) => alive)) start()
      const until = clock.now() + 4 * hour + jumpedMs
      await clock.advance(1)
      const most = awaits + mostAwaitsAtEnd
      while (!idle() && clock.now() < until) {
        if (awaits > most) {
          model.fail(`${awaits} calls, and still busy: it wakes up too often`)
          break
        }
        if (!processes.some(({ alive }) => alive)) start()
        await clock.advance(10_000)
      }
      await exclusively(() => checkEnd(base, model, accepted, isStuck))
      await base.close()
    },
  }

  function isStuck(): string {
    return processes.some(({ alive }) => alive) ? 'with a process alive' : 'nobody is alive'
  }
}

/** When nothing has gone wrong for hours, nothing accepted may be lost or left. */
async function checkEnd(base: DeliveryStore, model: Model, accepted: ReadonlySet<string>, isStuck: () => string): Promise<void> {
  for (const id of accepted) if (!model.rows.has(id)) model.fail(`${id} was accepted, and is lost`)
  for (const [id, row] of model.rows) {
    const found = await base.get(id)
    const { delivery, attempts = [] } = found ?? {}
    if (delivery?.state !== row.state) model.fail(`${id} is ${delivery?.state} in the store, expected ${row.state}`)
    if (delivery?.attempts !== row.attempts.length || attempts.length !== row.attempts.length) {
      model.fail(`${id} has ${delivery?.attempts} attempts, ${attempts.length} recorded, expected ${row.attempts.length}`)
    }
    attempts.forEach(({ n }, i) => {
      if (n !== i + 1) model.fail(`${id}: attempt ${n} stands where ${i + 1} is expected`)
    })
    if (model.isOpen(id)) model.fail(`${id} is still ${row.state}, ${isStuck()}`)
    if (attempts.length - row.attemptsBefore > waitsMs.length) model.fail(`${id} has more attempts than the schedule`)
    const arrived = row.sends.some(({ status = 0 }) => status >= 200 && status < 300)
    if (row.state === 'delivered' && !arrived) model.fail(`${id} is delivered, and has not arrived`)
  }
}

function replyOf(
  how: (typeof behaviours)[number],
  chance: () => number,
): { readonly report: SendReport; readonly delayMs: number } {
  const [which, slow] = [chance(), chance()]
  const delayMs = slow < 0.7 ? Math.floor(slow * 100) : slow < 0.95 ? Math.floor(slow * 3000) : 14_000
  if (how === 'healthy' || (how === 'flaky' && which < 0.5)) return { report: answered(which < 0.98 ? 200 : 204), delayMs }
  if (how === 'busy') {
    if (which < 0.2) return { report: answered(200), delayMs }
    return {
      report: answered(which < 0.6 ? 429 : 503, which < 0.8 ? { 'retry-after': String(Math.floor(which * 100)) } : {}),
      delayMs,
    }
  }
  if (how === 'odd')
    return { report: answered([301, 400, 404, 410, 413, 415, 500, 502, 504, 200][Math.floor(which * 10)] ?? 200), delayMs }
  const [cause, code, phase, sent] = (
    [
      ['dns', 'ENOTFOUND', 'dns', 'no'],
      ['dns', 'EAI_AGAIN', 'dns', 'no'],
      ['connect', 'ECONNREFUSED', 'connect', 'no'],
      ['tls', 'CERT_HAS_EXPIRED', 'tls', 'no'],
      ['reset', 'ECONNRESET', 'request', 'maybe'],
      ['reset', 'ECONNRESET', 'connect', 'no'],
      ['timeout', 'ETIMEDOUT', 'request', 'maybe'],
      ['local', 'EMFILE', 'connect', 'no'],
    ] as const
  )[Math.floor(which * 8)] ?? ['reset', 'ECONNRESET', 'request', 'maybe']
  const report: SendReport = {
    outcome: { kind: 'failed', cause, code, message: '' },
    phase,
    sent,
    reusedConnection: false,
    timings: { total: 0 },
  }
  return { report, delayMs: cause === 'timeout' ? 15_000 : delayMs }
}

function summary(method: string, parameters: readonly unknown[], result: unknown): string {
  const [first] = parameters as {
    lease?: { id: string }
    attempt?: { n: number }
    consequence?: { kind: string }
    id?: string
  }[][]
  if (method === 'settle')
    return (
      JSON.stringify(first?.map(({ lease, attempt, consequence }) => [lease?.id, attempt?.n, consequence?.kind])) +
      JSON.stringify(result)
    )
  if (method === 'release') return JSON.stringify(first?.map(({ lease }) => lease?.id)) + JSON.stringify(result)
  if (method === 'insert') return JSON.stringify(first?.map(({ id }) => id)) + JSON.stringify(result)
  if (method.startsWith('claim')) return (result as { delivery: { id: string } }[]).map(({ delivery }) => delivery.id).join(' ')
  return JSON.stringify(result)
}

function digestOf(trace: readonly string[]): string {
  return createHash('sha256').update(trace.join('\n')).digest('hex').slice(0, 16)
}
