import { print } from '../../expression/index.ts'
import type { Rule } from '../rule.ts'
import { inUse, quoted, replaceUse } from './support.ts'

/** `$Request.Body#/url`: the grammar takes any case (RFC 5234, section 2.3), most tools do not. */
export const keywordCase: Rule = {
  name: 'keyword-case',
  summary: 'A keyword is written in another case than in the specification.',
  group: 'syntax',
  severity: 'info',
  strict: 'warning',
  fixable: true,
  *use(use) {
    const canonical = print(use.expression)
    if (canonical === use.text || canonical.toLowerCase() !== use.text.toLowerCase()) return
    yield inUse(use, `Most tools know this expression only as ${quoted(canonical)}.`, replaceUse(use, canonical))
  },
}
