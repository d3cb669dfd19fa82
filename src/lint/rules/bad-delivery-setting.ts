import { child, deliveryField, isObjectValue, items, type Located, members, placeOf, similarNames } from '../../openapi/index.ts'
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
      ...operations.filter(({ kind }) => kind !== 'path').map(({ at }) => at),
      ...callbacks.map(({ object }) => object),
    ]
    const read = holders.flatMap((at) => (at && child(at, deliveryField)) ?? [])
    for (const at of read) yield* wrongIn(at)
    const places = new Set(read.map(placeOf))
    // An alias of YAML is one value in several places.
    const values = new Set(read.map(({ value }) => value))
    for (const at of fieldsIn(description, deliveryField)) {
      if (places.has(placeOf(at)) || values.has(at.value) || isData.test(at.pointer)) continue
      // Parts may be for other documents.
      const isPart = at.file !== description.file || at.pointer.startsWith('/components/')
      const message =
        'It has no effect here: it belongs on a Callback Object (not beside a "$ref"), on an operation under its key, or on one of a webhook.'
      yield atMember(at, message, isPart ? { severity: 'info' } : {})
    }
  },
}

/** What an application sends, or a property of it, may have any name. */
const isData = /\/(properties|schemas?|examples?|default|enum|const|value)\//

function* wrongIn(at: Located): Iterable<Finding> {
  if (!isObjectValue(at)) {
    yield atValue(at, `Expected an object such as { schedule: [0, "5s", "30m"] } but found ${shown(at)}.`)
    return
  }
  const unknown = members(at).filter(({ name }) => name !== 'schedule' && !name.startsWith('x-'))
  for (const { name, at: member } of unknown) {
    const near = similarNames(['schedule'], name, 1)
    yield atMember(member, `There is no ${quoted(name)}, only "schedule".${didYouMean(near)}`)
  }
  const schedule = child(at, 'schedule')
  if (schedule !== undefined) yield* wrongWaits(schedule)
  else if (unknown.length === 0) yield atMember(at, 'Expected "schedule" in it, but found nothing.')
}

function* wrongWaits(at: Located): Iterable<Finding> {
  const waits = items(at)
  if (waits.length === 0 || waits.length > mostWaits) {
    const found = Array.isArray(at.value) ? waits.length : shown(at)
    yield atValue(at, `Expected a list of 1 to ${mostWaits} waits, such as [0, "5s", "30m"], but found ${found}.`)
    return
  }
  for (const wait of waits) {
    if (isWait(wait.value)) continue
    const [, number, unit] =
      /^\s*(\d+(?:\.\d+)?)\s*(ms|[smhd])(?![mo])[a-z]*\s*$/i.exec(typeof wait.value === 'string' ? wait.value : '') ?? []
    const meant = `${number}${unit?.toLowerCase()}`
    const message = `Expected milliseconds or a text such as "250ms", "5s", "30m", "14h" or "1d", at most 365 days, but found ${shown(wait)}.`
    yield atValue(wait, `${message}${didYouMean(isWait(meant) ? [meant] : [])}`)
  }
}

function shown({ value }: Located): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null) return String(value)
  return Array.isArray(value) ? 'a list' : 'an object'
}
