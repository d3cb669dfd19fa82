import type { OptionRules } from '../util/index.ts'
import type { Delivery } from './delivery.ts'
import type { DeliveryFilter } from './store.ts'

export const filterRules: OptionRules<DeliveryFilter> = {
  ids: 'object',
  state: 'string',
  origin: 'string',
  callback: 'string',
  operation: 'string',
  reason: 'string',
  createdFrom: 0,
  createdBefore: 0,
  settledBefore: 0,
  limit: 0,
  newestFirst: 'boolean',
  after: 'string',
}

/** What can be asked for of a delivery without opening it. */
export function labelsOf({
  callback,
  operationId,
  operation,
}: Delivery['metadata']): readonly [callback: string | null, operation: string | null] {
  return [label(callback), label(operationId) ?? label(operation)]
}

// Databases refuse it.
function label(value: unknown): string | null {
  return typeof value === 'string' ? value.replaceAll('\0', '') : null
}

/** How many a list has at most. */
export function checkLimit(limit: number): void {
  if (!(Number.isSafeInteger(limit) && limit >= 0)) throw new TypeError(`Expected "limit" from 0, found ${limit}.`)
}

/** Nothing that is stored has U+0000 in it, and databases refuse it also where they only look for it. */
export function canBe(value: unknown): boolean {
  return typeof value !== 'string' || canBeId(value)
}

/** What is no text is no id either, also where a database would find the text of it. */
export function canBeId(value: unknown): boolean {
  return typeof value === 'string' && !value.includes('\0')
}

export function passes(delivery: Delivery, filter: Omit<DeliveryFilter, 'limit' | 'after'>): boolean {
  const { ids, state, origin, callback, operation, reason, createdFrom, createdBefore, settledBefore } = filter
  const [itsCallback, itsOperation] = labelsOf(delivery.metadata)
  return (
    (ids === undefined || ids.includes(delivery.id)) &&
    (state === undefined || state === delivery.state) &&
    (origin === undefined || origin === delivery.origin) &&
    (callback === undefined || callback === itsCallback) &&
    (operation === undefined || operation === itsOperation) &&
    (reason === undefined || reason === delivery.reason) &&
    (createdFrom === undefined || delivery.createdAt >= createdFrom) &&
    (createdBefore === undefined || delivery.createdAt < createdBefore) &&
    (settledBefore === undefined || (delivery.settledAt ?? settledBefore) < settledBefore)
  )
}
