import { child, deliveryField, items, type Located, members, placeOf, similarNames } from '../../openapi/index.ts'
import { isWait, mostWaits } from '../../util/index.ts'
import type { Finding, Rule } from '../rule.ts'
import { fieldsIn } from './fields-in.ts'
import { atMember, atValue, didYouMean, quoted } from './support.ts'

/** The callback is sent all the same, on the schedule of the dispatcher, and nobody would know. */
export const badDeliverySetting: Rule = {
  name: 'bad-delivery-setting',
  summary: `"${deliveryField}" cannot be followed, or stands where it has no effect.`,
  group: 'structure',
  severity: 'warning',
  fixable: false,
  *description(description, { operations, callbacks }) {
    const holders = [
      ...operations.flatMap(({ kind, at }) => (kind === 'path' ? [] : at)),
      ...callbacks.map(({ object }) => object),
    ]
    const read = holders.flatMap((at) => (at && child(at, deliveryField)) ?? [])
    for (const at of read) yield* wrongIn(at)
    // An alias of YAML is one value in several places.
    const known = new Set(read.flatMap((at) => [placeOf(at), at.value]))
    for (const at of fieldsIn(description, deliveryField)) {
      if (known.has(placeOf(at)) || known.has(at.value) || isData.test(at.pointer)) continue
      if (isOfPart.test(at.pointer)) {
        yield* wrongIn(at)
        continue
      }
      // Parts may be for other documents.
      const isPart = at.file !== description.file || at.pointer.startsWith('/components/')
      const message =
        'It has no effect here: it belongs on a Callback Object (not beside a "$ref"), on an operation under its key, or on one of a webhook.'
      yield atMember(at, message, isPart ? { severity: 'info' } : {})
    }
  },
}

/** What an application sends, or a property of it, may have any name. */
const isData = /\/(properties|schemas?|examples?|default|enum|const|value|headers|parameters|requestBody)\//
const isOfPart = /^\/components\/callbacks\/[^/]+\/[^/]+$/

function* wrongIn(at: Located): Iterable<Finding> {
  const schedule = child(at, 'schedule')
  const unknown = members(at).filter(({ name }) => name !== 'schedule' && !name.startsWith('x-'))
  for (const { name, at: member } of unknown)
    yield atMember(member, `There is no ${quoted(name)}, only "schedule".${didYouMean(similarNames(['schedule'], name, 1))}`)
  if (schedule !== undefined) yield* wrongWaits(schedule)
  else if (unknown.length === 0) yield atValue(at, `Expected { schedule: [0, "5s", "30m"] } but found ${shown(at)}.`)
}

function* wrongWaits(at: Located): Iterable<Finding> {
  const waits = items(at)
  if (waits.length === 0 || waits.length > mostWaits)
    yield atValue(at, `Expected a list of 1 to ${mostWaits} waits but found ${waits.length === 0 ? shown(at) : waits.length}.`)
  else
    for (const wait of waits)
      if (!isWait(wait.value))
        yield atValue(
          wait,
          `Expected a wait such as 250 (milliseconds), "5s" or "14h", at most 365 days, but found ${shown(wait)}.`,
        )
}

function shown({ value }: Located): string {
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
