import type { CallbackRequest } from '../http/index.ts'
import type { SealedRecord, Sealer } from '../storage/index.ts'
import { textOf, utf8 } from '../util/index.ts'
import type { Attempt, DeadReason, Delivery, DeliveryState } from './delivery.ts'
import type { NewDelivery } from './store.ts'

export interface DeliveryColumns {
  readonly seq: string
  readonly id: string
  readonly state: DeliveryState
  readonly origin: string
  readonly ordering_key: string | null
  readonly content: Uint8Array
  readonly created_at: number
  readonly due_at: number
  readonly attempts: number
  readonly attempts_before: number
  readonly settled_at: number | null
  readonly reason: DeadReason | null
}

export function sealedDelivery(sealer: Sealer, { id, request: { body, ...request }, metadata }: NewDelivery): SealedRecord {
  return sealer.seal(framed({ request, metadata, hasBody: body !== undefined }, body), `delivery|${id}`)
}

export function deliveryOf(sealer: Sealer, row: DeliveryColumns): Delivery {
  const { head, rest } = unframed(sealer.open(row.content, `delivery|${row.id}`))
  const { request, metadata, hasBody } = head as {
    readonly request: CallbackRequest
    readonly metadata: Delivery['metadata']
    readonly hasBody: boolean
  }
  return {
    id: row.id,
    state: row.state,
    request: hasBody ? { ...request, body: rest } : request,
    origin: row.origin,
    ...(row.ordering_key === null ? {} : { orderingKey: row.ordering_key }),
    metadata,
    createdAt: row.created_at,
    dueAt: row.due_at,
    attempts: row.attempts,
    attemptsBefore: row.attempts_before,
    ...(row.settled_at === null ? {} : { settledAt: row.settled_at }),
    ...(row.reason === null ? {} : { reason: row.reason }),
  }
}

export function sealedAttempt(sealer: Sealer, id: string, attempt: Attempt): SealedRecord {
  const { outcome } = attempt
  const bytes =
    outcome.kind === 'response'
      ? framed({ ...attempt, outcome: { ...outcome, body: undefined } }, outcome.body)
      : framed(attempt, undefined)
  return sealer.seal(bytes, `attempt|${id}|${attempt.n}`)
}

export function attemptOf(
  sealer: Sealer,
  id: string,
  { n, content }: { readonly n: number; readonly content: Uint8Array },
): Attempt {
  const { head, rest } = unframed(sealer.open(content, `attempt|${id}|${n}`))
  const attempt = head as Attempt
  return attempt.outcome.kind === 'response' ? { ...attempt, outcome: { ...attempt.outcome, body: rest } } : attempt
}

/** The length of the head, the head as JSON, and bytes, which JSON cannot hold. */
function framed(head: object, rest: Uint8Array = new Uint8Array(0)): Uint8Array {
  const json = utf8(JSON.stringify(head))
  const bytes = new Uint8Array(4 + json.length + rest.length)
  new DataView(bytes.buffer).setUint32(0, json.length)
  bytes.set(json, 4)
  bytes.set(rest, 4 + json.length)
  return bytes
}

function unframed(bytes: Uint8Array): { readonly head: unknown; readonly rest: Uint8Array } {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  return { head: JSON.parse(textOf(bytes.subarray(4, 4 + length))), rest: new Uint8Array(bytes.subarray(4 + length)) }
}
