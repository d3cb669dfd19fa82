import { keyRangeOf } from '../../openapi/index.ts'
import type { Rule } from '../rule.ts'
import { quotingEdits } from '../subject/index.ts'
import { inText } from './support.ts'

/** `{$request.body#/url}:` without quotes is a mapping used as a key; `{$request.body#/url}/x:` and `$request.body #/url:` are no YAML at all. */
export const unquotedKey: Rule = {
  name: 'unquoted-key',
  summary: 'A key has no quotes, and YAML reads a mapping or a comment in it: parsers disagree about it.',
  group: 'syntax',
  severity: 'warning',
  fixable: true,
  *key(key) {
    const range = keyRangeOf(key.at)
    const unquoted = key.at.file.problems.some(
      (problem) => problem.kind === 'unquoted-key' && problem.range.start.offset === range?.start.offset,
    )
    if (!unquoted) return
    const comment = /[ \t]#/.test(key.text)
    const mapping = !comment && /^\{[^{}]*\}$/.test(key.text)
    const consequence = mapping
      ? 'YAML reads the brace as the start of a mapping'
      : comment
        ? 'YAML takes what follows the space for a comment'
        : 'this is no YAML'
    yield inText(key, `Quote this key, '${key.text}': without quotes ${consequence}.`, {
      severity: mapping ? 'warning' : 'error',
      fix: quotingEdits(key),
    })
  },
}
