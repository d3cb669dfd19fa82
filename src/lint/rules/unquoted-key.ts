import { keyRangeOf } from '../../openapi/index.ts'
import type { Rule } from '../rule.ts'
import { quotingEdits } from '../subject/index.ts'
import { inText } from './support.ts'

/** `{$request.body#/url}:` without quotes is a mapping used as a key; `{$request.body#/url}/x:` is no YAML at all. */
export const unquotedKey: Rule = {
  name: 'unquoted-key',
  summary: 'A key that starts with a brace has no quotes: YAML reads a mapping, and parsers disagree about it.',
  group: 'syntax',
  severity: 'warning',
  fixable: true,
  *key(key) {
    const range = keyRangeOf(key.at)
    const unquoted = key.at.file.problems.some(
      (problem) => problem.kind === 'unquoted-key' && problem.range.start.offset === range?.start.offset,
    )
    if (!unquoted) return
    const mapping = /^\{[^{}]*\}$/.test(key.text)
    const consequence = mapping ? 'YAML reads the brace as the start of a mapping' : 'this is no YAML'
    yield inText(key, `Quote this key, '${key.text}': without quotes ${consequence}.`, {
      severity: mapping ? 'warning' : 'error',
      suggestion: `'${key.text.replaceAll("'", "''")}'`,
      fix: quotingEdits(key),
    })
  },
}
