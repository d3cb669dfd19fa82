import { child, type Located, rangeOf } from '../../openapi/index.ts'
import type { Finding, Rule } from '../rule.ts'

/** Two members of one name in `callbacks`, in `links`, or below: parsers keep one of them, and not the same. */
export const duplicateKey: Rule = {
  name: 'duplicate-key',
  summary: 'A key stands twice in a Callback Object, a Link Object, or what is in them.',
  group: 'semantics',
  severity: 'error',
  fixable: false,
  *description(_description, { callbacks, links, unused }) {
    const holders: Located[] = [...unused]
    for (const { operation, object } of callbacks) {
      const own = child(operation.at, 'callbacks')
      if (own !== undefined) holders.push(own)
      if (object !== undefined) holders.push(object)
    }
    for (const { link } of links) {
      const own = link.response?.object && child(link.response.object, 'links')
      if (own !== undefined) holders.push(own)
      if (link.object !== undefined) holders.push(link.object)
    }
    yield* within(holders)
  },
}

function* within(holders: readonly Located[]): Iterable<Finding> {
  const told = new Set<unknown>()
  for (const holder of holders) {
    const duplicates = holder.file.problems.filter(({ kind }) => kind === 'duplicate-key')
    if (duplicates.length === 0) continue
    const range = rangeOf(holder)
    if (range === undefined) continue
    for (const problem of duplicates) {
      const { start, end } = problem.range
      if (told.has(problem) || start.offset < range.start.offset || end.offset > range.end.offset) continue
      told.add(problem)
      yield { place: { in: 'text', at: holder, start: start.offset, end: end.offset }, message: problem.message }
    }
  }
}
