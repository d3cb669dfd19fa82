import type { HeaderFields } from '../http/index.ts'
import { fieldValue, foldFieldName } from '../http/index.ts'
import {
  type OutboundRequest,
  publicInternet,
  requestProblem,
  type SendOptions,
  type SendOutcome,
  type SendReport,
  type Transport,
  transportDefaults,
  type UrlPolicy,
} from '../outbound/index.ts'
import type { SignatureProblem, Verifier } from '../signature/index.ts'
import { type Clock, checkNames, milliseconds, type OptionRules, type Result, systemClock, textOf } from '../util/index.ts'
import { type Activity, createActivity } from './activity.ts'
import { failureReport, reportOf, type TestReply } from './test-reply.ts'

/** A request as it went out. */
export interface SentRequest {
  /** From 1, in the order in which they were sent. */
  readonly n: number
  /** Milliseconds since the epoch. */
  readonly at: number
  /** The `webhook-id`: the same in every attempt at a delivery. Empty when there is none. */
  readonly id: string
  readonly method: string
  readonly url: string
  /** Names in lower case. */
  readonly headers: HeaderFields
  readonly body: Uint8Array
  readonly text: string
  /** Throws a `SyntaxError` when the body is not JSON. */
  json(): unknown
  /** Whether it is signed as the verifier asks; `undefined` when there is no verifier. */
  readonly signature: Result<unknown, SignatureProblem> | undefined
}

export interface RecordingOptions {
  /**
   * What the other side answers: always the same, one after the other (the last again and again), or what a function finds. Default: 200.
   */
  readonly respond?: TestReply | readonly TestReply[] | ((request: SentRequest) => TestReply | Promise<TestReply>)
  /** Passes requests on to this transport instead of answering them. Not together with `respond` and `policy`. */
  readonly to?: Transport
  /** Default: `publicInternet({ devLoopback: true })`. Nothing is contacted and no name is resolved, whatever it allows. */
  readonly policy?: UrlPolicy
  /** Checks the signature of each request. Default: none. */
  readonly verifier?: Verifier<unknown>
  /** For `delay`. Default: the system's. */
  readonly clock?: Clock
  /** Milliseconds after which an answer that is delayed is a timeout. Default: 15 000. */
  readonly totalTimeoutMs?: number
  /** Bytes of content that may be sent, as in `createTransport`. Default: 262 144. */
  readonly maxRequestBytes?: number
  /** Bytes of header fields that may be sent, as in `createTransport`. Default: 16 384. */
  readonly maxHeaderBytes?: number
}

/** What a test dispatcher hands on. */
export type RecordingLimits = Pick<RecordingOptions, 'totalTimeoutMs' | 'maxRequestBytes' | 'maxHeaderBytes'>

/** A transport without a network, that remembers. */
export interface RecordingTransport extends Transport {
  readonly sent: readonly SentRequest[]
}

/** What a test dispatcher hands on. */
export const recordingOptionNames: OptionRules<RecordingLimits & Pick<RecordingOptions, 'respond' | 'verifier'>> = {
  respond: true,
  verifier: ['verify', 'a verifier such as standardWebhooks()'],
  totalTimeoutMs: true,
  maxRequestBytes: true,
  maxHeaderBytes: true,
}
const optionNames: OptionRules<RecordingOptions> = {
  ...recordingOptionNames,
  to: ['send', 'a transport such as createTransport()'],
  policy: ['judge', 'a policy such as publicInternet()'],
  clock: ['now', 'a clock such as manualClock()'],
}
const activities = new WeakMap<Transport, Activity>()

/** What of a recording transport is under way, without the answers that are delayed. */
export function activityOf(transport: Transport): Activity | undefined {
  return activities.get(transport)
}

export function recordingTransport(options: RecordingOptions = {}): RecordingTransport {
  checkNames(options, optionNames, 'the options of recordingTransport()')
  const { respond = 200, to, verifier, clock = systemClock } = options
  const { totalTimeoutMs = transportDefaults.totalTimeoutMs } = options
  const { maxRequestBytes = transportDefaults.maxRequestBytes, maxHeaderBytes = transportDefaults.maxHeaderBytes } = options
  if (to !== undefined && (options.respond !== undefined || options.policy !== undefined)) {
    throw new TypeError('Expected "to" without "respond" and "policy": the transport that requests go to has both of its own.')
  }
  if (isList(respond) && respond.length === 0) throw new TypeError('Expected "respond" to have at least one answer.')
  // What is no answer is said now, not by attempts that do not count.
  if (typeof respond !== 'function') for (const reply of isList(respond) ? respond : [respond]) reportOf(reply, 0)
  const policy = options.policy ?? publicInternet({ devLoopback: true }, 'test')
  const sent: SentRequest[] = []
  const activity = createActivity()

  const answerTo = async (request: SentRequest): Promise<TestReply> => {
    if (typeof respond === 'function') return respond(request)
    return isList(respond) ? (respond[Math.min(request.n, respond.length) - 1] ?? 200) : respond
  }

  const answered = async (request: OutboundRequest, { signal }: SendOptions): Promise<SendReport> => {
    const record = recordOf(request, sent, clock, verifier)
    const reply = await activity.track(answerTo(record))
    const delay = typeof reply === 'number' ? undefined : reply.delay
    const delayMs = delay === undefined ? 0 : milliseconds(delay, 'delay', { infinity: true })
    if (delayMs > 0 && (await passed(Math.min(delayMs, totalTimeoutMs), clock, signal)) === 'aborted') {
      return failureReport('aborted', clock.now() - record.at, {})
    }
    return delayMs > totalTimeoutMs ? failureReport('timeout', totalTimeoutMs, {}) : reportOf(reply, delayMs)
  }

  const knownTimeoutMs = to === undefined ? totalTimeoutMs : to.totalTimeoutMs
  const transport: RecordingTransport = {
    sent,
    ...(knownTimeoutMs === undefined ? {} : { totalTimeoutMs: knownTimeoutMs }),
    async send(request, sendOptions = {}) {
      if (to !== undefined) {
        recordOf(request, sent, clock, verifier)
        return activity.track(to.send(request, sendOptions))
      }
      // What the real one does not send is not sent here either.
      const problem = requestProblem(request, { maxRequestBytes, maxHeaderBytes })
      if (problem !== undefined) return unsent({ kind: 'unbuildable', problem })
      const judged = policy.judge(request.url, sendOptions.constraint)
      if (!judged.ok) return unsent({ kind: 'refused', refusal: judged.error })
      return answered({ ...request, url: judged.value.url.href }, sendOptions)
    },
    close: async () => to?.close(),
  }
  activities.set(transport, activity)
  return transport
}

function recordOf(
  { method, url, headers, body = new Uint8Array(0) }: OutboundRequest,
  sent: SentRequest[],
  clock: Clock,
  verifier: Verifier<unknown> | undefined,
): SentRequest {
  const at = clock.now()
  const text = textOf(body)
  const record: SentRequest = {
    n: sent.length + 1,
    at,
    id: fieldValue(headers, 'webhook-id') ?? '',
    method,
    url,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [foldFieldName(name), value])),
    body: body.slice(),
    text,
    json: () => JSON.parse(text),
    signature: verifier?.verify({ headers, body, method, targetUri: url }, at),
  }
  sent.push(record)
  return record
}

function unsent(outcome: SendOutcome): SendReport {
  return { outcome, phase: 'policy', sent: 'no', reusedConnection: false, timings: { total: 0 } }
}

function passed(ms: number, clock: Clock, signal: AbortSignal | undefined): Promise<'passed' | 'aborted'> {
  if (signal?.aborted === true) return Promise.resolve('aborted')
  return new Promise((resolve) => {
    const abort = (): void => {
      timer?.cancel()
      resolve('aborted')
    }
    const timer =
      ms === Number.POSITIVE_INFINITY
        ? undefined
        : clock.setTimeout(() => {
            signal?.removeEventListener('abort', abort)
            resolve('passed')
          }, ms)
    signal?.addEventListener('abort', abort, { once: true })
  })
}

function isList(respond: NonNullable<RecordingOptions['respond']>): respond is readonly TestReply[] {
  return Array.isArray(respond)
}
