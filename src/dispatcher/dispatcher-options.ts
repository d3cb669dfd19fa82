import { type Transport, transportDefaults, type UrlPolicy } from '../outbound/index.ts'
import type { Signer } from '../signature/index.ts'
import { type Clock, checkNames, type OptionRules, type Random } from '../util/index.ts'
import { type BreakerOptions, breakerDefaults } from './breaker.ts'
import { type ClaimCheckOptions, claimCheckDefaults } from './claim-check/call-by-claim.ts'
import type { CredentialsFor } from './credentials.ts'
import type { IntentOptions } from './intent-check.ts'
import { isProfile, type Profile } from './profile.ts'
import type { CheckReply } from './reply-check.ts'
import type { RetrySchedule } from './retry-schedule.ts'
import type { SignerFor } from './send-signed.ts'
import type { DeliveryStore } from './store.ts'

export interface DispatcherOptions {
  /** Default: `memoryStore()`. The dispatcher does not close a store. */
  readonly store?: DeliveryStore
  /** Where callbacks may go. Default: `publicInternet()`. Not together with `transport`, which has a policy of its own. */
  readonly policy?: UrlPolicy
  /** Default: `createTransport({ policy })`, closed by `stop`. */
  readonly transport?: Transport
  /**
   * Signs every attempt: one signer, or one for each delivery. Default: the secrets of the destination, where it has any. With a signer these
   * secrets sign nothing, also those that are rotated later: a destination that has some is told of, unless the signer is a function that
   * takes the destination as well.
   */
  readonly signer?: Signer | SignerFor
  /**
   * Gives the secrets that a request has stored by name (`metadata.credentials`). Default: none, and such requests go out without.
   */
  readonly credentials?: CredentialsFor
  /** Default: 10 attempts over 75 hours when the store is durable, else 3 attempts over 6 seconds. */
  readonly retry?: RetrySchedule
  /**
   * Holds each reply with 2xx to what was declared of it: such a delivery has arrived all the same, and what is wrong is told by the event
   * `reply:undeclared`. `replyChecker` of `ringback` makes one from descriptions. Default: none.
   */
  readonly checkReply?: CheckReply
  readonly clock?: Clock
  readonly random?: Random
  /** Attempts under way at one time. Default: 64. */
  readonly concurrency?: number
  /** Attempts under way at one time to one origin. Default: 4. */
  readonly perOriginConcurrency?: number
  /** What the receivers have agreed on beyond HTTP; `metadata.profile` of a request goes before it. Default: `standard`. */
  readonly profile?: Profile
  /** How receivers are asked whether they want what is about to be sent; for the profiles `websub` and `cloudevents`. */
  readonly intent?: IntentOptions
  /** How payloads are kept that receivers fetch (`deliver: 'claim-check'`). */
  readonly claimCheck?: ClaimCheckOptions
  /** When an origin that is down is left alone for a while; deliveries wait without using up attempts. `false`: never. */
  readonly breaker?: BreakerOptions | false
  /**
   * Milliseconds for which a delivery is leased; when the process dies, another one takes over after it. It must be well over twice the
   * total timeout of the transport; less than twice is refused where the transport tells it. A request for which hooks leave no time until then
   * is not sent, and uses up no attempt. Default: 45 000.
   */
  readonly leaseMs?: number
  /** How long delivered deliveries are remembered, and with them their ids: 7 days. Dead and cancelled ones: 30 days. In milliseconds. */
  readonly retention?: { readonly deliveredMs?: number; readonly othersMs?: number }
  /** Milliseconds to sleep at most, in case another process has enqueued. Default: 1000 when the store is durable, else no limit. */
  readonly pollMs?: number
}

export const dispatcherDefaults = {
  concurrency: 64,
  perOriginConcurrency: 4,
  leaseMs: 45_000,
  durablePollMs: 1000,
  drainMs: 20_000,
  listLimit: 100,
  retention: { deliveredMs: 604_800_000, othersMs: 2_592_000_000 },
}

/** What `createDispatcher` takes: for whatever wraps it and hands options on. */
export const dispatcherOptionNames: OptionRules<DispatcherOptions> = {
  store: ['claim', 'a store, as memoryStore(), sqliteStore() or postgresStore() makes one'],
  policy: ['judge', 'a policy, as publicInternet() makes one'],
  transport: ['send', 'a transport, as createTransport() makes one'],
  signer: true,
  credentials: 'function',
  retry: ['delayMs', 'a schedule, as retrySchedule([0, "5s", "30m"]) makes one'],
  checkReply: 'function',
  clock: ['now', 'a clock'],
  random: 'function',
  concurrency: true,
  perOriginConcurrency: true,
  profile: true,
  intent: 'object',
  claimCheck: 'object',
  breaker: true,
  leaseMs: true,
  retention: 'object',
  pollMs: true,
}
const intentRules: OptionRules<IntentOptions> = { origin: true, ratePerMinute: true, grantedMs: true }

/** Throws a `TypeError` for options that cannot work, or contradict each other. */
export function checkOptions(options: DispatcherOptions): void {
  checkNames(options, dispatcherOptionNames, 'the options of createDispatcher()')
  const { transport, policy, signer, breaker = false, profile = 'standard', intent = {}, claimCheck = {} } = options
  if (typeof signer !== 'function')
    checkNames(
      { signer },
      { signer: ['sign', 'a function, or a signer such as standardWebhooks()'] },
      'the options of createDispatcher()',
    )
  if (transport !== undefined && policy !== undefined) {
    throw new TypeError('Expected "policy" or "transport": a transport has a policy of its own.')
  }
  checkNumbers(options)
  checkNames(intent, intentRules, 'intent')
  checkNames(claimCheck, claimCheckDefaults, 'claimCheck')
  checkNames(options.retention ?? {}, dispatcherDefaults.retention, 'retention')
  checkBreaker(breaker === false ? {} : breaker)
  checkIntent(intent)
  checkClaims(claimCheck)
  if (!isProfile(profile)) throw new TypeError(`Expected a profile, found ${JSON.stringify(profile)}.`)
}

function checkNumbers({ pollMs, transport, ...options }: DispatcherOptions): void {
  const { concurrency, perOriginConcurrency, leaseMs } = { ...dispatcherDefaults, ...options }
  for (const [name, value] of Object.entries({ concurrency, perOriginConcurrency, leaseMs })) {
    if (!(Number.isSafeInteger(value) && value > 0)) {
      throw new TypeError(`Expected ${JSON.stringify(name)} to be a whole number from 1, found ${String(value)}.`)
    }
  }
  if (pollMs !== undefined && !(typeof pollMs === 'number' && pollMs > 0)) {
    throw new TypeError(`Expected "pollMs" above 0, found ${String(pollMs)}.`)
  }
  // One of yours may not tell it; without one there is one of ours.
  const { totalTimeoutMs = 0 } = transport ?? transportDefaults
  if (leaseMs < 2 * totalTimeoutMs) {
    throw new TypeError(
      `Expected "leaseMs" to be at least twice the total timeout of the transport (${totalTimeoutMs} ms), so that nothing is sent twice, found ${leaseMs}.`,
    )
  }
}

function checkBreaker(options: BreakerOptions): void {
  checkNames(options, { ...breakerDefaults, minAttempts: 'count' }, 'breaker')
  const { minAttempts, failureShare, windowMs, openMs } = { ...breakerDefaults, ...options }
  if (!(failureShare > 0 && failureShare <= 1)) {
    throw new TypeError(`Expected "breaker.failureShare" above 0, up to 1 (0.7 is 70 %), found ${failureShare}.`)
  }
  for (const [name, value] of Object.entries({ minAttempts, windowMs, openMs })) {
    if (!(value >= 1)) throw new TypeError(`Expected "breaker.${name}" from 1, found ${value}.`)
  }
}

function checkIntent({ origin, ratePerMinute, grantedMs = 60_000 }: IntentOptions): void {
  if (origin !== undefined && !/^[!-~]{1,253}$/.test(origin)) {
    throw new TypeError(`Expected "intent.origin" to be a DNS name, found ${JSON.stringify(origin)}.`)
  }
  if (ratePerMinute !== undefined && !(Number.isSafeInteger(ratePerMinute) && ratePerMinute > 0)) {
    throw new TypeError(`Expected "intent.ratePerMinute" to be a whole number from 1, found ${ratePerMinute}.`)
  }
  if (!(grantedMs >= 60_000)) throw new TypeError(`Expected "intent.grantedMs" from 60000, found ${grantedMs}.`)
}

function checkClaims(options: ClaimCheckOptions): void {
  const { param, expiresMs } = { ...claimCheckDefaults, ...options }
  if (param === '') throw new TypeError('Expected "claimCheck.param" to be a name.')
  if (!(expiresMs > 0)) throw new TypeError(`Expected "claimCheck.expiresMs" above 0, found ${expiresMs}.`)
}
