import {
  createDispatcher,
  type DeliveryStore,
  type Dispatcher,
  type DispatcherOptions,
  dispatcherOptionNames,
  memoryStore,
  standardSchedule,
} from '../dispatcher/index.ts'
import type { Signer, Verifier } from '../signature/index.ts'
import { checkNames, type Duration, milliseconds, type OptionRules } from '../util/index.ts'
import { tracked } from './activity.ts'
import { type ManualClock, manualClock } from './manual-clock.ts'
import {
  activityOf,
  type RecordingLimits,
  type RecordingOptions,
  recordingOptionNames,
  recordingTransport,
  type SentRequest,
} from './recording-transport.ts'
import { seededRandom } from './seeded-random.ts'

export interface TestDispatcherOptions
  extends Omit<DispatcherOptions, 'clock'>,
    RecordingLimits,
    Pick<RecordingOptions, 'respond' | 'verifier'> {
  /** Default: one of its own, which starts at 2026-01-01T00:00:00Z. */
  readonly clock?: ManualClock
  /** Of the jitter, unless `random` is given: the same seed, the same waits. Default: 1. */
  readonly seed?: number
  /** Whether it sends by itself, as after `start()`. Default: true. */
  readonly started?: boolean
}

/** A dispatcher whose time is the test's: 75 hours of retries take milliseconds. */
export interface TestDispatcher extends Dispatcher, AsyncDisposable {
  readonly clock: ManualClock
  readonly store: DeliveryStore
  /** Every request that went out, oldest first. */
  readonly sent: readonly SentRequest[]
  /** Moves time on, and answers when everything that is due by then has been done. */
  advance(by: Duration): Promise<void>
  /** The same, up to an instant (milliseconds since the epoch). */
  advanceTo(instant: number | Date): Promise<void>
  /**
   * Moves time on until nothing is left to attempt: all is delivered, dead, cancelled or held. Answers how many milliseconds that took.
   * Rejects when something is still left after `within` (default `31d`), or after 2000 attempts on end that do not count.
   */
  runUntilIdle(options?: { readonly within?: Duration }): Promise<number>
}

const optionNames: OptionRules<TestDispatcherOptions> = {
  ...dispatcherOptionNames,
  ...recordingOptionNames,
  clock: ['advance', 'a clock, as manualClock() makes one'],
  seed: true,
  started: 'boolean',
}
const defaultWithin = '31d'
// What cannot be attempted at all, a credentials hook that always throws, would be tried for a month of virtual time.
const mostUncounted = 2000

/**
 * The real dispatcher over a clock that stands still, a memory store, and a transport that records instead of sending. Unless told
 * otherwise it retries as a durable one does: 10 attempts over 75 hours.
 */
export function createTestDispatcher(options: TestDispatcherOptions = {}): TestDispatcher {
  checkNames(options, optionNames, 'the options of createTestDispatcher()')
  const { respond, verifier: given, policy, transport, seed = 1, started = true, ...rest } = options
  const { totalTimeoutMs, maxRequestBytes, maxHeaderBytes, clock = manualClock(), ...others } = rest
  const verifier = given ?? (canVerify(options.signer) ? options.signer : undefined)
  if (transport !== undefined && (respond !== undefined || policy !== undefined)) {
    throw new TypeError('Expected "transport" without "respond" and "policy": give both to the transport.')
  }
  const recorder = isRecording(transport)
    ? transport
    : recordingTransport({
        clock,
        ...(verifier === undefined ? {} : { verifier }),
        ...(transport === undefined ? {} : { to: transport }),
        ...(respond === undefined ? {} : { respond }),
        ...(policy === undefined ? {} : { policy }),
        ...(totalTimeoutMs === undefined ? {} : { totalTimeoutMs }),
        ...(maxRequestBytes === undefined ? {} : { maxRequestBytes }),
        ...(maxHeaderBytes === undefined ? {} : { maxHeaderBytes }),
      })
  const activity = activityOf(recorder)
  if (activity === undefined) throw new TypeError('Expected a transport that recordingTransport() made.')
  const store = tracked(options.store ?? memoryStore(), activity)
  const dispatcher = createDispatcher({
    retry: standardSchedule,
    random: seededRandom(seed),
    // Nobody else writes to the store, so there is no need to look every second for three days.
    pollMs: Number.POSITIVE_INFINITY,
    ...others,
    store,
    clock,
    transport: recorder,
  })
  let isStarted = started
  if (started) dispatcher.start()

  const advanceTo = async (instant: number): Promise<void> => {
    await activity.settled()
    for (let next = clock.nextTimerAt(); next !== undefined && next <= instant; next = clock.nextTimerAt()) {
      await clock.advanceTo(Math.max(next, clock.now()))
      await activity.settled()
    }
    if (instant > clock.now()) await clock.advanceTo(instant)
    await activity.settled()
    await forgetOld().catch(() => {})
  }

  /** A durable one looks now and then, also for what is old. Of a store that fails the dispatcher tells. */
  const forgetOld = async (): Promise<void> => {
    if (!isStarted || ((await store.nextWakeAt()) ?? Number.POSITIVE_INFINITY) <= clock.now()) return
    // It ends with the attempts that are under way, which may wait for the clock.
    dispatcher.runDue().catch(() => {})
    await activity.settled()
  }

  /** Some steps wait for the clock: it moves from timer to timer until they are done. */
  const whileRunning = async <T>(work: Promise<T>): Promise<T> => {
    let isDone = false
    const done = (): void => {
      isDone = true
    }
    work.then(done, done)
    for (await activity.settled(); !isDone; await activity.settled()) {
      const next = clock.nextTimerAt()
      if (next === undefined) break
      await clock.advanceTo(Math.max(next, clock.now()))
    }
    return work
  }

  const stop: Dispatcher['stop'] = (stopOptions) => {
    isStarted = false
    return whileRunning(dispatcher.stop(stopOptions))
  }

  return {
    ...dispatcher,
    clock,
    store,
    sent: recorder.sent,
    start() {
      isStarted = true
      dispatcher.start()
    },
    stop,
    runDue: () => whileRunning(dispatcher.runDue()),
    advance: (by) => advanceTo(clock.now() + milliseconds(by, 'the time to advance')),
    advanceTo: (instant) => advanceTo(Number(instant)),
    async runUntilIdle({ within = defaultWithin } = {}) {
      const startedAt = clock.now()
      const until = startedAt + milliseconds(within, 'within')
      let uncounted = 0
      const unsubscribe = dispatcher.on('attempt:end', ({ recorded }) => {
        uncounted = recorded ? 0 : uncounted + 1
      })
      try {
        for (await activity.settled(); !(await isIdle(store)); await activity.settled()) {
          const next = clock.nextTimerAt()
          if (next === undefined || next > until || uncounted > mostUncounted)
            throw new Error(await leftOver(store, clock, next, startedAt))
          await clock.advanceTo(Math.max(next, clock.now()))
        }
        return clock.now() - startedAt
      } finally {
        unsubscribe()
      }
    },
    [Symbol.asyncDispose]: () => stop({ drainMs: 0 }),
  }
}

function canVerify(signer: TestDispatcherOptions['signer']): signer is Signer & Verifier<unknown> {
  return typeof signer === 'object' && 'verify' in signer && typeof signer.verify === 'function'
}

function isRecording(transport: TestDispatcherOptions['transport']): transport is ReturnType<typeof recordingTransport> {
  return transport !== undefined && activityOf(transport) !== undefined
}

async function isIdle(store: DeliveryStore): Promise<boolean> {
  const { counts } = await store.stats()
  return counts.pending + counts.leased === 0
}

async function leftOver(store: DeliveryStore, clock: ManualClock, next: number | undefined, startedAt: number): Promise<string> {
  const left = [...(await store.list({ state: 'pending', limit: 5 })), ...(await store.list({ state: 'leased', limit: 5 }))]
  const lines = left.map(({ id, state, attempts, dueAt }) => {
    return `  ${id} is ${state} after ${attempts} attempts, due ${new Date(dueAt).toISOString()}`
  })
  const when = next === undefined ? 'and nothing waits for the clock' : `next is ${new Date(next).toISOString()}`
  const passed = `after ${clock.now() - startedAt} ms, at ${new Date(clock.now()).toISOString()}`
  return [`Expected nothing to be left ${passed}, but there is, ${when}. Is the dispatcher started?`, ...lines].join('\n')
}
