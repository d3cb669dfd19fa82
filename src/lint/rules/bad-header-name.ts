import type { Rule } from '../rule.ts'
import { quoted } from './support.ts'

/** A field name is a token (RFC 9110, section 5.6.2). */
export const badHeaderName: Rule = {
  name: 'bad-header-name',
  summary: 'The name of a header field is missing, or holds a character that cannot be in one.',
  group: 'syntax',
  severity: 'error',
  fixable: true,
  syntax({ code, source, span }) {
    if (code === 'empty-header-name') return { message: 'Expected the name of a header field after "header.".' }
    if (code !== 'bad-header-character') return undefined
    return {
      message: `${quoted(source.slice(span.start, span.end))} cannot be part of the name of a header field (RFC 9110, section 5.6.2).`,
    }
  },
}
