import { createSealer, type Keyring, plaintextSealer, type Sealer } from '../storage/index.ts'
import type { Clock, Random } from '../util/index.ts'
import { checkNames, type OptionRules, systemClock, systemRandom } from '../util/index.ts'
import { type Duration, milliseconds } from './duration.ts'
import type { ReceiverEvent } from './events.ts'
import { memoryStore } from './memory-store.ts'
import type { Profile } from './profile.ts'
import { profiles } from './profiles/index.ts'
import type { ReceiverStore } from './store.ts'
import type { TokenPolicy } from './tokens.ts'

export interface ReceiverOptions {
  /** What senders see: https, or a loopback host, or `allowInsecureBaseUrl`. Port 0 is filled in by `listen()`. */
  readonly baseUrl: string | URL
  readonly allowInsecureBaseUrl?: boolean
  /** Default `/callbacks` (profile `utask`: `/unsecured/callback`). */
  readonly pathPrefix?: string
  /** Default `memoryStore()`. */
  readonly store?: ReceiverStore
  /** Seals what callers send before it is stored. The first key seals, any of them opens. A durable store needs it, or `plaintext`. */
  readonly keyring?: Keyring
  /**
   * Without a keyring: a durable store may hold what callers send as it is. Beside a keyring: what was stored before there was one is
   * read as well, until `rotateKeys()` has sealed it.
   */
  readonly plaintext?: true
  /** Default `randomTokens()`. */
  readonly tokens?: TokenPolicy
  readonly limits?: Partial<Limits>
  /** Default `standard`. */
  readonly profile?: 'standard' | 'gcp' | 'utask'
  /** Of `next()` and `take()`; default: until the endpoint expires. */
  readonly defaultTimeout?: Duration
  /**
   * How often it writes down which endpoints are over, and deletes those that ended more than 24 h ago; default `1m`. The timer keeps no
   * process alive. `false`: only `sweep()` does.
   */
  readonly sweepEvery?: Duration | false
  /** For tests. Default: the system's, put right by the time of a store that several machines share. */
  readonly clock?: Clock
  /** For tests. */
  readonly random?: Random
  /** Must not throw: what a listener throws, or rejects with, surfaces as uncaught, as with `EventTarget`. */
  readonly onEvent?: (event: ReceiverEvent) => void
}

export interface Limits {
  /** 1 KiB to 10 MiB; default 256 KiB. */
  readonly maxBodyBytes: number
  /** Default 8 KiB. */
  readonly maxUrlBytes: number
  /** From the first look at the body to its last byte; default `10s`. */
  readonly bodyTimeout: Duration
  /** How long a sender waits for `call.respond()`; default `10s`. */
  readonly manualResponseTimeout: Duration
  /** Of each endpoint; default 50. */
  readonly rejectionsKept: number
  /** After content decoding; default 0, which refuses content codings. */
  readonly decodedBodyBytes: number
  /** Of the default store; default 10,000. */
  readonly maxEndpoints: number
  /**
   * Calls that the default store keeps of one endpoint after they were read, default 1000: then the oldest go, from `calls()` and with
   * their dedupe keys, so that what is sent again after that many others is a new call.
   */
  readonly maxReadCalls: number
}

const defaultLimits: Limits = {
  maxBodyBytes: 256 * 1024,
  maxUrlBytes: 8 * 1024,
  bodyTimeout: '10s',
  manualResponseTimeout: '10s',
  rejectionsKept: 50,
  decodedBodyBytes: 0,
  maxEndpoints: 10_000,
  maxReadCalls: 1000,
}

/** How long ended endpoints are kept for replays and 410. */
export const keepEndedMs: number = 24 * 3_600_000

/** What `createReceiver` takes: for whatever wraps it and hands options on. */
export const receiverOptionNames: OptionRules<ReceiverOptions> = {
  baseUrl: true,
  allowInsecureBaseUrl: 'boolean',
  pathPrefix: 'string',
  store: ['accept', 'a store, as memoryStore(), sqliteStore() or postgresStore() of ringback/receiver makes one'],
  keyring: 'object',
  plaintext: 'boolean',
  tokens: 'object',
  limits: 'object',
  profile: true,
  defaultTimeout: true,
  sweepEvery: true,
  clock: ['now', 'a clock'],
  random: 'function',
  onEvent: 'function',
}

/** The options with their defaults, checked. */
export interface Config {
  readonly base: URL
  readonly pathPrefix: string
  readonly store: ReceiverStore
  readonly sealer: Sealer
  /** The key that seals; `null`: none does. */
  readonly firstKid: string | null
  readonly tokens: TokenPolicy
  readonly limits: Omit<Limits, 'bodyTimeout' | 'manualResponseTimeout'> & {
    readonly bodyTimeoutMs: number
    readonly manualResponseTimeoutMs: number
  }
  readonly profile: Profile
  readonly defaultTimeoutMs: number | undefined
  readonly sweepEveryMs: number | undefined
  readonly clock: Clock
  readonly random: Random
}

export function configOf(options: ReceiverOptions): Config {
  checkNames(options, receiverOptionNames, 'the options of createReceiver()')
  checkNames(options.limits ?? {}, defaultLimits, 'limits')
  const { bodyTimeout, manualResponseTimeout, ...limits } = { ...defaultLimits, ...options.limits }
  const { clock = systemClock, random = systemRandom, profile = 'standard', defaultTimeout, sweepEvery = '1m' } = options
  const answers = Object.hasOwn(profiles, profile) ? profiles[profile] : undefined
  if (answers === undefined) {
    throw new TypeError(`Expected profile to be one of ${Object.keys(profiles).join(', ')} but found ${JSON.stringify(profile)}`)
  }
  for (const [name, least, most] of ranges) {
    const value = limits[name]
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new TypeError(`Expected limits.${name} to be a whole number from ${least} to ${most} but found ${value}`)
    }
  }
  const store = options.store ?? memoryStore({ maxEndpoints: limits.maxEndpoints, maxReadCalls: limits.maxReadCalls })
  const { keyring, plaintext } = options
  if (store.durable && keyring === undefined && plaintext !== true) {
    throw new TypeError(
      'Expected a keyring with a durable store, or plaintext: true, with which what callers send is stored unencrypted',
    )
  }
  return {
    base: baseOf(options.baseUrl, options.allowInsecureBaseUrl === true),
    pathPrefix: prefixOf(options.pathPrefix ?? answers.pathPrefix),
    store,
    sealer: keyring === undefined ? plaintextSealer : createSealer(keyring, { readsPlaintext: plaintext === true }),
    firstKid: keyring?.keys[0].kid ?? null,
    tokens: options.tokens ?? answers.tokens(random),
    limits: {
      ...limits,
      bodyTimeoutMs: milliseconds(bodyTimeout, 'limits.bodyTimeout'),
      manualResponseTimeoutMs: milliseconds(manualResponseTimeout, 'limits.manualResponseTimeout'),
    },
    profile: answers,
    defaultTimeoutMs:
      defaultTimeout === undefined ? undefined : milliseconds(defaultTimeout, 'defaultTimeout', { infinity: true }),
    sweepEveryMs: sweepEvery === false ? undefined : sweepMs(sweepEvery),
    clock,
    random,
  }
}

function sweepMs(every: Duration): number {
  const ms = milliseconds(every, 'sweepEvery')
  if (ms >= 1) return ms
  throw new TypeError(
    `Expected sweepEvery to be at least 1 ms, or false for no sweep by itself, but found ${JSON.stringify(every)}`,
  )
}

const ranges: readonly (readonly [
  'maxBodyBytes' | 'maxUrlBytes' | 'rejectionsKept' | 'decodedBodyBytes' | 'maxEndpoints' | 'maxReadCalls',
  number,
  number,
])[] = [
  ['maxBodyBytes', 1024, 10 * 1024 * 1024],
  ['maxUrlBytes', 256, 64 * 1024],
  ['rejectionsKept', 0, 10_000],
  ['decodedBodyBytes', 0, 1024 * 1024 * 1024],
  ['maxEndpoints', 1, 10_000_000],
  ['maxReadCalls', 0, 1_000_000_000],
]

function baseOf(baseUrl: string | URL | undefined, allowInsecure: boolean): URL {
  if (baseUrl === undefined)
    throw new TypeError('Expected baseUrl, the URL under which senders reach this receiver, but found none')
  if (!URL.canParse(String(baseUrl))) throw new TypeError('Expected baseUrl to be an absolute URL but found text that is not')
  const base = new URL(baseUrl)
  if (base.protocol !== 'https:' && base.protocol !== 'http:') {
    throw new TypeError(`Expected baseUrl to be an https URL but found the scheme "${base.protocol}"`)
  }
  if (base.username !== '' || base.password !== '' || base.search !== '' || base.hash !== '') {
    throw new TypeError('Expected baseUrl without user, query and fragment but found one of them')
  }
  if (base.protocol === 'http:' && !allowInsecure && !isLoopback(base.hostname)) {
    throw new TypeError(
      `Expected baseUrl to be https, since its path is a secret, but found http for ${base.hostname}: use https, or allowInsecureBaseUrl in a network you trust`,
    )
  }
  return base
}

export function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
}

function prefixOf(prefix: string): string {
  const inner = prefix.replace(/^\/+|\/+$/g, '')
  if (!/^[\w.~!$&'()*+,;=:@/-]*$/.test(inner))
    throw new TypeError('Expected pathPrefix to be a plain URL path but found other characters')
  return inner === '' ? '' : `/${inner}`
}
