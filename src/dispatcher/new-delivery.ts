import type { CallbackRequest, HeaderFields } from '../http/index.ts'
import { checkNames, type Mutable, messageOf, type OptionRules, type Random } from '../util/index.ts'
import { copyBytes } from './bytes.ts'
import type { Delivery } from './delivery.ts'
import { originOf } from './destination.ts'
import { checkRequest, expectRecord, expectText } from './request-check.ts'
import type { RetrySchedule } from './retry-schedule.ts'
import { checkSchedule, scheduleOf } from './schedule-of.ts'
import type { NewDelivery } from './store.ts'

export interface EnqueueOptions {
  /** Default: the id of the request. */
  readonly id?: string
  /** Milliseconds before the first attempt, rounded to whole ones. Default: 0. */
  readonly delayMs?: number
  /**
   * Deliveries with the same key arrive in the order of enqueueing. Up to 500 characters; of what is longer, take a hash. Default: none, and
   * no order.
   */
  readonly orderingKey?: string
  /** JSON data kept beside the delivery, added to that of the request. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /**
   * `claim-check`: the URL is called by GET, with an id for the payload added to its query, and the receiver fetches the body of the request
   * with that from a `createClaimDesk`. `metadata.deliver` of the request says the same. Default: the request is sent as it is.
   */
  readonly deliver?: 'claim-check'
  /**
   * Instead of the dispatcher's `retry`: 1 to 100 waits as `retrySchedule` takes them, each at most 365 days. `metadata.schedule` of the request
   * says the same. Default: none.
   */
  readonly schedule?: readonly (string | number)[]
  /**
   * With a store that can: the delivery becomes part of this transaction of the application, and is sent once that has committed, at most
   * `pollMs` later. For `postgresStore` a client of `pg`, after its BEGIN. The event `enqueued` then says
   * `committed: false`: whether it commits is the caller's to know.
   */
  readonly transaction?: unknown
}

export type EnqueueAllOptions = Omit<EnqueueOptions, 'id'>

const optionRules: OptionRules<EnqueueOptions> = {
  id: true,
  delayMs: 0,
  orderingKey: true,
  metadata: true,
  deliver: true,
  schedule: true,
  transaction: true,
}
// An index of PostgreSQL takes 2704 bytes.
const longestKey = 500

/** Freezes a request as a delivery. Whether it can be sent is for the attempt to say; a bad id is a mistake of the caller. */
export function newDelivery(
  request: CallbackRequest,
  options: EnqueueOptions,
  now: number,
  retry: RetrySchedule,
  random: Random,
): NewDelivery {
  checkRequest(request)
  // Most have none or one: the whole check would cost as much as the rest.
  for (const name in options)
    if (!(name in optionRules) || name === 'delayMs') checkNames(options, optionRules, 'the options of enqueue()')
  const { id = request.id, delayMs = 0, orderingKey, metadata, deliver, schedule } = options
  expectText('"id"', id)
  if (orderingKey !== undefined) checkOrderingKey(orderingKey)
  if (metadata !== undefined) expectRecord('"metadata"', metadata)
  // It becomes a field value, and Standard Webhooks signs `id.timestamp.content`.
  if (!/^[!-~]{1,200}$/.test(id) || id.includes('.')) {
    throw new TypeError(`Expected an id of 1 to 200 visible ASCII characters without ".", found ${JSON.stringify(id)}.`)
  }
  const copy = copyOfRequest(request)
  // Nobody changes it any more: where nothing is added, one copy is for both.
  const merged =
    metadata === undefined && deliver === undefined && schedule === undefined
      ? (copy.metadata ?? noMetadata)
      : jsonCopy({
          ...copy.metadata,
          ...metadata,
          ...(deliver === undefined ? {} : { deliver }),
          ...(schedule === undefined ? {} : { schedule }),
        })
  checkSchedule(merged, options, metadata, request.metadata)
  const firstWaitMs = scheduleOf(merged, retry).delayMs(1, random) ?? 0
  // What a database cannot hold would take the others of its batch with it.
  const dueAt = Math.round(now + firstWaitMs + delayMs)
  if (!(delayMs >= 0 && Number.isSafeInteger(dueAt))) {
    throw new TypeError(`Expected "delayMs" from 0, to an instant that can be stored, found ${delayMs}.`)
  }
  const delivery: Mutable<NewDelivery> = {
    id,
    request: copy,
    origin: originOf(request.url),
    metadata: merged,
    createdAt: now,
    dueAt,
  }
  if (orderingKey !== undefined) delivery.orderingKey = orderingKey
  return delivery
}

const noMetadata: NewDelivery['metadata'] = Object.freeze({})

/** What a store takes differs: one that one of them refuses, or stores as another, is refused here. */
function checkOrderingKey(key: unknown): void {
  expectText('"orderingKey"', key)
  if (key.length > longestKey)
    throw new TypeError(`Expected an "orderingKey" of at most ${longestKey} characters, found ${key.length}: take a hash of it.`)
  if (/[\0\p{Surrogate}]/u.test(key))
    throw new TypeError('Expected an "orderingKey" without U+0000 and halves of surrogate pairs.')
}

/** Shares nothing with the request: nobody who changes one changes what is sent. */
function copyOfRequest({ id, method, url, headers, body, constraint, metadata }: CallbackRequest): CallbackRequest {
  const fields = copyOfFields(headers)
  const copy: Mutable<CallbackRequest> =
    body === undefined ? { id, method, url, headers: fields } : { id, method, url, headers: fields, body: copyBytes(body) }
  if (constraint !== undefined) copy.constraint = structuredClone(constraint)
  if (metadata !== undefined) copy.metadata = jsonCopy(metadata)
  return copy
}

function copyOfFields(headers: HeaderFields): HeaderFields {
  const fields = { ...headers }
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (Array.isArray(value)) Object.defineProperty(fields, name, { value: [...value] })
  }
  return fields
}

/** For whoever asks a store that keeps it in memory. */
export function copyOfDelivery(delivery: Delivery): Delivery {
  return { ...delivery, request: copyOfRequest(delivery.request), metadata: jsonCopy(delivery.metadata) }
}

/** A stored delivery at its beginning. All deliveries of a process have one shape: copies of them are cheap then. */
export function begun(
  { id, request, origin, orderingKey, metadata, createdAt, dueAt }: NewDelivery,
  state: 'pending' | 'leased',
): Delivery {
  const delivery: Mutable<Delivery> = { id, state, request, origin, metadata, createdAt, dueAt, attempts: 0, attemptsBefore: 0 }
  if (orderingKey !== undefined) delivery.orderingKey = orderingKey
  return delivery
}

/** As a durable store would give it back. Throws a `TypeError` for what is no JSON: then the mistake is of this call alone. */
function jsonCopy(metadata: NewDelivery['metadata']): NewDelivery['metadata'] {
  // Texts are the same in JSON, and shared with every delivery that has them.
  if (Object.values(metadata).every((value) => typeof value === 'string')) return { ...metadata }
  let copy: unknown
  try {
    copy = JSON.parse(JSON.stringify(metadata))
  } catch (error) {
    throw new TypeError(`Expected "metadata" of JSON values, found one that cannot be written: ${messageOf(error)}`, {
      cause: error,
    })
  }
  expectRecord('"metadata", written as JSON,', copy)
  return copy
}
