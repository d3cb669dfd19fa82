import type { Agent } from 'undici'
import type { TargetConstraint } from '../http/index.ts'
import { type Clock, checkNames, memo, type OptionRules, ok, type Result, systemClock } from '../util/index.ts'
import { createAgents } from './agents.ts'
import type { ClientIdentity } from './client-identity.ts'
import { type DiallerFactory, undiciDialler } from './connector.ts'
import { Deadlines } from './deadlines.ts'
import { ExchangeHandler } from './exchange-handler.ts'
import { guardedAgent, type TrackedDispatch } from './guarded-agent.ts'
import type { Refusal } from './refusal.ts'
import type { OutboundRequest, SendOutcome, SendReport } from './report.ts'
import { requestProblem } from './request-rules.ts'
import { type Resolver, systemResolver } from './resolver.ts'
import { type JudgedUrl, publicInternet, type UrlPolicy } from './url-policy.ts'

/** The door to the network. */
export interface Transport {
  /** Sends one request and reports what became of it. Never rejects. Follows no redirect and uses no proxy. */
  send(request: OutboundRequest, options?: SendOptions): Promise<SendReport>
  /** Ends every connection; requests on their way are reported as failed. */
  close(): Promise<void>
  /** Milliseconds after which `send` has come to its end, where that is known: a dispatcher leases deliveries for longer. */
  readonly totalTimeoutMs?: number
}

export interface SendOptions {
  readonly constraint?: TargetConstraint
  /** With what to show the peer who we are (mutual TLS). Connections with one identity serve no requests with another, or with none. */
  readonly identity?: ClientIdentity
  readonly signal?: AbortSignal
}

export interface TransportOptions {
  /** Default: `publicInternet()`. */
  readonly policy?: UrlPolicy
  /** Default: the system's resolver. */
  readonly resolver?: Resolver
  readonly dialler?: DiallerFactory
  readonly clock?: Clock
  /** Extra options of `tls.connect`, such as `ca`. Default: none. */
  readonly tls?: object
  /** Milliseconds for resolving a name. Default: 5000. */
  readonly dnsTimeoutMs?: number
  /** Milliseconds for TCP and TLS. Default: 5000. */
  readonly connectTimeoutMs?: number
  /** Milliseconds for all of it, from the call to the last byte of the response. Default: 15 000. */
  readonly totalTimeoutMs?: number
  /** Bytes of content that are read; then the connection is closed. Default: 65 536. */
  readonly maxResponseBytes?: number
  /** Bytes of content that may be sent. Default: 262 144. */
  readonly maxRequestBytes?: number
  /** Bytes of header fields, sent and received. Default: 16 384. */
  readonly maxHeaderBytes?: number
  /** Connections to one origin. Default: 4. */
  readonly connectionsPerOrigin?: number
  /** Origins with open connections at one time. Default: 4096. */
  readonly maxOrigins?: number
}

/** Of the limits. */
export const transportDefaults = {
  dnsTimeoutMs: 5000,
  connectTimeoutMs: 5000,
  totalTimeoutMs: 15_000,
  maxResponseBytes: 65_536,
  maxRequestBytes: 262_144,
  maxHeaderBytes: 16_384,
  connectionsPerOrigin: 4,
  maxOrigins: 4096,
}

const optionRules: OptionRules<TransportOptions> = {
  ...transportDefaults,
  connectionsPerOrigin: 'count',
  maxOrigins: 'count',
  policy: ['judge', 'a policy such as publicInternet()'],
  resolver: true,
  dialler: 'function',
  clock: ['now', 'a clock'],
  tls: 'object',
}
const rememberedUrls = 1000

/** A transport over undici whose connector holds every connection to the policy. */
export function createTransport(options: TransportOptions = {}): Transport {
  checkNames(options, optionRules, 'the options of createTransport()')
  const { policy = publicInternet(), resolver = systemResolver, dialler = undiciDialler, clock = systemClock, tls = {} } = options
  const limits = { ...transportDefaults, ...definedOnly(options) }
  checkLimits(limits)
  const agents = createAgents((identity) => guardedAgent({ policy, resolver, clock, dialler, tls, ...limits }, identity))

  // A policy is pure, and the same subscribers come again and again.
  const judge = memo((url: string) => place(policy.judge(url)), rememberedUrls)
  const deadlines = new Deadlines<ExchangeHandler>(clock, limits.totalTimeoutMs, (handler) => {
    handler.end('timeout', 'ETIMEDOUT', `The request was not answered in ${limits.totalTimeoutMs} ms.`)
  })

  const send: Transport['send'] = (request, { constraint, signal, identity } = {}) => {
    const startedAt = clock.now()
    const problem = requestProblem(request, limits)
    if (problem !== undefined) return Promise.resolve(unsent({ kind: 'unbuildable', problem }, clock.now() - startedAt))
    const judged = constraint === undefined ? judge(request.url) : place(policy.judge(request.url, constraint))
    if (!judged.ok) return Promise.resolve(unsent({ kind: 'refused', refusal: judged.error }, clock.now() - startedAt))
    const { origin, path } = judged.value
    const found = agents.of(identity)
    if (!found.ok) return Promise.resolve(unsent(found.error, clock.now() - startedAt))

    return new Promise((resolve) => {
      const handler = new ExchangeHandler(clock, startedAt, limits.maxResponseBytes, (report) => {
        deadlines.end(deadline, handler)
        signal?.removeEventListener('abort', abort)
        resolve(report)
      })
      const deadline = deadlines.begin(handler, startedAt)
      const abort = (): void => handler.end('aborted', 'ABORT_ERR', 'The request was aborted.')
      if (signal?.aborted === true) abort()
      signal?.addEventListener('abort', abort, { once: true })
      const dispatch: TrackedDispatch = {
        exchange: handler,
        origin,
        path,
        method: request.method,
        headers: request.headers as Record<string, string | string[] | undefined>,
        body: request.body ?? null,
      }
      found.value.dispatch(dispatch as Agent.DispatchOptions, handler)
    })
  }

  return {
    send,
    totalTimeoutMs: limits.totalTimeoutMs,
    async close() {
      await agents.destroy()
    },
  }
}

/** Of a judged URL what a request is sent with: the parsed URL, never the text. */
function place(judged: Result<JudgedUrl, Refusal>): Result<{ readonly origin: string; readonly path: string }, Refusal> {
  if (!judged.ok) return judged
  const { origin, pathname, search } = judged.value.url
  return ok({ origin, path: pathname + search })
}

function unsent(outcome: SendOutcome, total: number): SendReport {
  return { outcome, phase: 'policy', sent: 'no', reusedConnection: false, timings: { total } }
}

function checkLimits({ maxResponseBytes: _, maxRequestBytes: __, ...others }: typeof transportDefaults): void {
  for (const [name, value] of Object.entries(others)) {
    if (value < 1) throw new TypeError(`Expected "${name}" from 1, found ${value}.`)
  }
  if (others.totalTimeoutMs === Number.POSITIVE_INFINITY) {
    throw new TypeError('Expected "totalTimeoutMs" to come to an end, found Infinity.')
  }
}

function definedOnly<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>
}
