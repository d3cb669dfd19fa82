import type { Rule } from '../rule.ts'
import { inText } from './support.ts'

/** What a callback carries can be read and changed on its way. */
export const httpUrl: Rule = {
  name: 'http-url',
  summary: 'A callback is sent without encryption, to an "http:" URL.',
  group: 'semantics',
  severity: 'warning',
  fixable: false,
  *key(key) {
    const { text } = key
    // Text that is followed by an expression alone was not meant as a scheme.
    if (!/^http:\/\//i.test(text) || /^http:\/\/\$/i.test(text)) return
    yield inText(key, 'What is sent to an "http:" URL can be read and changed on its way; use "https:".', { start: 0, end: 7 })
  },
}
