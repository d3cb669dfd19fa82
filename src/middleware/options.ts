import type { ResolveOptions } from '../callback/index.ts'
import type { Dispatcher } from '../dispatcher/index.ts'
import type { CallbackRequest, Exchange, ExchangeResponse } from '../http/index.ts'
import type { OpenApiDescription, Operation } from '../openapi/index.ts'
import { type Clock, checkNames, type OptionRules, type Random } from '../util/index.ts'
import type { TellProblem } from './problem.ts'
import type { StartSummary } from './start-summary.ts'
import type { HandlersOf } from './typed.ts'

/** What is used of a dispatcher. */
export type CallbackDispatcher = Pick<Dispatcher, 'enqueue' | 'reschedule' | 'cancel' | 'durable'>

export interface CallbackOptions<Described = unknown> {
  /**
   * A description that was read already, the document as an object, its text, or the path or URL of its file. Text and files are read
   * asynchronously: the first requests wait for it. An object that is written `as const` also types the handlers.
   */
  readonly description: Described | OpenApiDescription | URL | string
  /** Delivers. Only needed for `fire: 'enqueue'`. */
  readonly dispatcher?: CallbackDispatcher
  /**
   * By operation (its operationId, or `POST /orders`), then by the name of the callback. A callback without a handler is sent only by
   * `send`.
   */
  readonly handlers?: HandlersOf<Described>
  /**
   * `enqueue`: give the requests to the dispatcher. `dry-run`: only tell what would be sent. A function: give them to that, once the response
   * has gone out. Default `enqueue`.
   */
  readonly fire?: 'enqueue' | 'dry-run' | ((request: CallbackRequest) => void | Promise<void>)
  /** Which answers are followed by callbacks. Default: a 2xx that the operation declares. */
  readonly when?: (
    exchange: Exchange & { readonly response: ExchangeResponse },
    operation: Operation,
  ) => boolean | Promise<boolean>
  /**
   * With a durable dispatcher: `before-response` stores the deliveries before the last byte of the response, held back until it has gone out,
   * so that a crash in between loses none. Default `before-response`; without a durable dispatcher always `after-response`.
   */
  readonly commit?: 'before-response' | 'after-response'
  /** How long the end of a response waits for handlers and the store, in milliseconds. Default 1000. */
  readonly commitTimeoutMs?: number
  /** When a delivery is sent of whose response nobody knows whether it has gone out: the process has died. In milliseconds. Default 60 000. */
  readonly holdMs?: number
  /** What is done with a body that does not fit its schema: `error` reports it and sends nothing. Default `error`. */
  readonly validateOutgoing?: 'error' | 'warn' | 'off'
  /** Names of the Security Schemes that the dispatcher has credentials for. Default: whatever the callback operation names first. */
  readonly credentials?: readonly string[]
  /** How keys are resolved: `repair`, `tail`, `fanOut`, values for `{name}`, and more. */
  readonly resolve?: ResolveOptions
  /** Under which path this server has the API, where that is not the path of `servers`: a proxy in front has changed it. `''`: at the root. */
  readonly basePath?: string
  /**
   * Whether upper and lower case differ in a path. Default: as in the framework's router, where the application has not told it otherwise: they
   * do not in Express and Koa, they do in Fastify, unless it was created otherwise, and everywhere else.
   */
  readonly caseSensitive?: boolean
  /** Scheme and authority for `$url`, such as `https://api.example.com`. Default: as the request came, by its Host field. */
  readonly origin?: string
  /** Most bytes of a body that are kept; of a larger one none is. Default 262 144. */
  readonly maxBodyBytes?: number
  /**
   * Most targets that one exchange calls, over all callbacks, keys, methods and arrays of URLs; how often `send` calls each does not count.
   * Default 20, or `resolve.maxFanOut` where that is more.
   */
  readonly maxTargets?: number
  /** Refuse to start when the linter finds errors: `ready` rejects. Default false. */
  readonly strict?: boolean
  /** Is told of everything that goes wrong. Default: a warning of the process. It may be asynchronous: nobody waits for it. */
  readonly onError?: TellProblem
  /** Is told once what was found in the description. Default: printed with `console.info`. */
  readonly onStart?: (summary: StartSummary) => void
  readonly clock?: Clock
  readonly random?: Random
}

/** For those parts that do not care how handlers are typed. */
export type AnyOptions = Omit<CallbackOptions, 'handlers'> & { readonly handlers?: unknown }

export const defaults = {
  commitTimeoutMs: 1000,
  holdMs: 60_000,
  maxBodyBytes: 262_144,
  maxTargets: 20,
  drainMs: 20_000,
} as const

const optionRules: OptionRules<CallbackOptions> = {
  description: true,
  dispatcher: ['enqueue', 'a dispatcher, as createDispatcher() makes one'],
  handlers: 'object',
  fire: true,
  when: 'function',
  commit: true,
  commitTimeoutMs: true,
  holdMs: true,
  validateOutgoing: true,
  credentials: ['map', 'a list of names'],
  resolve: 'object',
  basePath: 'string',
  caseSensitive: 'boolean',
  origin: 'string',
  maxBodyBytes: true,
  maxTargets: 'count',
  strict: 'boolean',
  onError: 'function',
  onStart: 'function',
  clock: ['now', 'a clock'],
  random: 'function',
}

const resolveRules: OptionRules<ResolveOptions> = {
  params: 'object',
  fanOut: 'boolean',
  maxFanOut: 'count',
  tail: true,
  repair: 'boolean',
  strictDeclared: 'boolean',
  multipartRoot: 'string',
  repeatedParameters: 'string',
}

/** Throws a `TypeError` for what can be known to be wrong before the description is read. `more`: names of one adapter alone. */
export function checkOptions(options: AnyOptions, more: object = {}): void {
  checkNames(options, { ...optionRules, ...more }, 'the options of the middleware')
  checkNames(options.resolve ?? {}, resolveRules, 'resolve')
  const { fire = 'enqueue', dispatcher, validateOutgoing = 'error', commit = 'before-response' } = options
  if (typeof fire !== 'function') oneOf('fire', fire, ['enqueue', 'dry-run'])
  oneOf('validateOutgoing', validateOutgoing, ['error', 'warn', 'off'])
  oneOf('commit', commit, ['before-response', 'after-response'])
  if (fire === 'enqueue' && dispatcher === undefined) {
    throw new TypeError('Expected a "dispatcher" that delivers, or "fire" with another way: "dry-run" or a function.')
  }
  for (const name of ['commitTimeoutMs', 'holdMs', 'maxBodyBytes'] as const) {
    const value = options[name]
    if (value !== undefined && !(Number.isFinite(value) && value >= 0)) {
      throw new TypeError(`Expected "${name}" from 0, found ${String(value)}.`)
    }
  }
  const { basePath = '', origin } = options
  if (basePath !== '' && !/^\/.*[^/]$/.test(basePath)) {
    throw new TypeError(`Expected "basePath" empty, or like "/v1", found ${JSON.stringify(basePath)}.`)
  }
  if (origin !== undefined && !/^https?:\/\/[^/?#\s]+$/i.test(origin)) {
    throw new TypeError(`Expected "origin" like "https://api.example.com", found ${JSON.stringify(origin)}.`)
  }
}

function oneOf(name: string, value: unknown, names: readonly string[]): void {
  if (typeof value === 'string' && names.includes(value)) return
  throw new TypeError(`Expected "${name}" to be ${names.map((one) => JSON.stringify(one)).join(' or ')}, found ${String(value)}.`)
}
