import type { Rule } from '../rule.ts'
import { inText } from './support.ts'

/** Legal: every callback goes to the same place. Seldom what a subscriber needs. */
export const constantKey: Rule = {
  name: 'constant-key',
  summary: 'A key has no expression: the callback always goes to the same URL.',
  group: 'semantics',
  severity: 'info',
  fixable: false,
  *key(key) {
    const { template, text } = key
    if (template === undefined || template.parts.some(({ kind }) => kind !== 'literal') || !/^https?:\/\//i.test(text)) return
    yield inText(key, 'This URL has no expression in it: every callback goes to the same place, whoever asked for it.', {
      start: 0,
      end: text.length,
    })
  },
}
