import type { Rule } from '../rule.ts'
import { inUse, quoted } from './support.ts'

/** `$request.query.filter#/0`: only bodies are looked into; here `#/0` is part of the name. */
export const hashInName: Rule = {
  name: 'hash-in-name',
  summary: 'The name of a parameter has a "#" in it, as if it were followed by a JSON Pointer.',
  group: 'syntax',
  severity: 'info',
  strict: 'warning',
  fixable: false,
  *use(use) {
    const { expression, resolution } = use
    if (expression.kind !== 'request' || resolution?.kind === 'found') return
    const { source } = expression
    if (source.kind !== 'query-reference' && source.kind !== 'path-reference') return
    const hash = use.text.indexOf('#')
    if (hash === -1) return
    yield inUse(
      use,
      `The "#" belongs to the name, which is ${quoted(source.name)}: only a body is looked into with a JSON Pointer.`,
      {
        start: hash,
        end: use.text.length,
      },
    )
  },
}
