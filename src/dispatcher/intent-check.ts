import { type HeaderFields, withQuery } from '../http/index.ts'
import type { OutboundResponse, SendReport } from '../outbound/index.ts'
import { messageOf } from '../util/index.ts'
import type { Delivery, Outcome } from './delivery.ts'
import { recorded } from './recorded.ts'
import { checked, type SendTools } from './send-signed.ts'

export interface IntentOptions {
  /**
   * The DNS name under which receivers of CloudEvents are asked for their consent (`WebHook-Request-Origin`). Default: none, and deliveries of
   * the profile `cloudevents` are sent unasked.
   */
  readonly origin?: string
  /** Asked of them: how many we would like to send in a minute (`WebHook-Request-Rate`). Default: nothing is asked. */
  readonly ratePerMinute?: number
  /** Milliseconds until a receiver that has consented is asked again, at least 60 000. Default: 24 hours. WebSub has its own: `leaseSeconds`. */
  readonly grantedMs?: number
}

export type IntentAnswer =
  | { readonly kind: 'granted'; readonly forMs?: number; readonly perMinute?: number }
  /** It was understood, and it is not wanted. */
  | { readonly kind: 'declined'; readonly report: SendReport; readonly outcome: Outcome }
  /** Trouble on the way, or at the other end: to be asked again. */
  | { readonly kind: 'unanswered'; readonly report: SendReport; readonly outcome: Outcome }

export interface IntentCheck {
  /** The same for all that one answer is for. */
  readonly key: string
  ask(tools: SendTools): Promise<IntentAnswer>
}

export interface Question {
  readonly check: 'websub' | 'cloudevents'
  readonly method: string
  readonly query: string
  readonly headers: HeaderFields
  /** Statuses, beside those of servers in trouble, that say nothing of what the receiver wants. */
  readonly openStatuses: readonly number[]
  /** What a reply with 2xx says; a text: why it is no consent. */
  readonly judge: (reply: OutboundResponse) => Extract<IntentAnswer, { kind: 'granted' }> | string
}

/** The URL policy judges it as it does the delivery. No credentials and no signature: it is not yet known whom they would go to. */
export async function askReceiver(delivery: Delivery, question: Question, tools: SendTools): Promise<IntentAnswer> {
  const { url, constraint } = delivery.request
  const headers = { 'user-agent': 'ringback', ...question.headers }
  const options = {
    ...(constraint === undefined ? {} : { constraint }),
    ...(tools.signal === undefined ? {} : { signal: tools.signal }),
  }
  let report: SendReport
  try {
    report = checked(
      await tools.transport.send({ method: question.method, url: withQuery(url, question.query), headers }, options),
    )
  } catch (error) {
    const outcome = { kind: 'failed', cause: 'local', code: 'ERR_TRANSPORT_FAILED', message: messageOf(error) } as const
    return {
      kind: 'unanswered',
      report: { outcome, phase: 'policy', sent: 'maybe', reusedConnection: false, timings: { total: 0 } },
      outcome,
    }
  }
  const { outcome } = report
  if (outcome.kind !== 'response' || isOpen(outcome.status, question.openStatuses)) {
    return { kind: 'unanswered', report, outcome: recorded(outcome, []) }
  }
  if (outcome.completeness === 'broken') {
    const cut = {
      kind: 'failed',
      cause: 'reset',
      code: 'ERR_REPLY_BROKEN',
      message: 'The reply ended before it was whole.',
    } as const
    return { kind: 'unanswered', report, outcome: cut }
  }
  const isSuccess = outcome.status >= 200 && outcome.status < 300
  const judged = isSuccess ? question.judge(outcome) : `Expected 2xx in answer to ${question.method}.`
  if (typeof judged !== 'string') return judged
  return {
    kind: 'declined',
    report,
    outcome: { kind: 'declined', check: question.check, status: outcome.status, message: judged },
  }
}

/** 410 says more than that it is not wanted: the table of verdicts has a row for it. */
function isOpen(status: number, more: readonly number[]): boolean {
  return status >= 500 || [408, 410, 425, 429, ...more].includes(status)
}
