import type { Attempt, Delivery, StoredDelivery } from '../../dispatcher/index.ts'
import { fieldLines, type HeaderFields } from '../../http/index.ts'
import { redactField } from '../../receiver/index.ts'
import { shownUrl } from '../store/redact.ts'

/** A delivery for programs: plain JSON data, instants as RFC 3339 text, secrets taken out, and never the body of the request. */
export function recordOf(delivery: Delivery): Readonly<Record<string, unknown>> {
  const { request, metadata, unreadable } = delivery
  return {
    id: delivery.id,
    state: delivery.state,
    reason: delivery.reason,
    ...(unreadable === undefined ? { method: request.method, url: shownUrl(request.url) } : { unreadable }),
    origin: delivery.origin,
    callback: metadata.callback,
    operation: metadata.operationId ?? metadata.operation,
    orderingKey: delivery.orderingKey,
    createdAt: timeOf(delivery.createdAt),
    dueAt: timeOf(delivery.dueAt),
    settledAt: delivery.settledAt === undefined ? undefined : timeOf(delivery.settledAt),
    attempts: delivery.attempts,
    attemptsBefore: delivery.attemptsBefore === 0 ? undefined : delivery.attemptsBefore,
  }
}

/** Beside the delivery the fields of its request, its metadata and its attempts. */
export function detailsOf({ delivery, attempts, unreadableAttempts }: StoredDelivery): Readonly<Record<string, unknown>> {
  const { request, metadata, unreadable } = delivery
  return {
    ...recordOf(delivery),
    ...(unreadable === undefined ? { headers: fieldsOf(request.headers), bodyBytes: request.body?.length ?? 0, metadata } : {}),
    attemptRecords: attempts.map(attemptRecord),
    unreadableAttempts,
  }
}

/** What the receiver has answered stands there for the operator, cut at 4096 bytes when it was stored. */
function attemptRecord(attempt: Attempt): Readonly<Record<string, unknown>> {
  const { outcome, startedAt, nextAt } = attempt
  return {
    ...attempt,
    startedAt: timeOf(startedAt),
    nextAt: nextAt === undefined ? undefined : timeOf(nextAt),
    outcome:
      outcome.kind === 'response'
        ? { ...outcome, headers: fieldsOf(outcome.headers), body: Buffer.from(outcome.body).toString('utf8') }
        : outcome,
  }
}

export function fieldsOf(headers: HeaderFields): readonly (readonly [name: string, value: string])[] {
  return Object.keys(headers).flatMap((name) =>
    fieldLines(headers, name).map((line): [string, string] => [
      name,
      name === 'location' ? shownUrl(line) : redactField(name, line),
    ]),
  )
}

/** An instant that no calendar has (`Infinity`, or an old file that lies) is shown as it is. */
export function timeOf(instant: number): string {
  const date = new Date(instant)
  return Number.isNaN(date.getTime()) ? String(instant) : date.toISOString()
}
