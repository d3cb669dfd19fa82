import { safeParseExpression } from '../../expression/index.ts'
import type { Rule } from '../rule.ts'
import { resolve } from '../subject/index.ts'
import { inUse, quoted, replaceUse } from './support.ts'

/** `#/a%2Fb`: pointers in expressions are not percent-decoded. */
export const percentInPointer: Rule = {
  name: 'percent-in-pointer',
  summary: 'A JSON Pointer is percent-encoded; in an expression "%" stands for itself.',
  group: 'syntax',
  severity: 'warning',
  fixable: true,
  *use(use) {
    const { text, resolution, subject } = use
    const hash = text.indexOf('#')
    const start = text.search(/%[0-9A-Fa-f]{2}/)
    if (resolution?.kind !== 'missing' || hash === -1 || start < hash || subject.operation === undefined) return
    const decoded = decode(text.slice(hash + 2))
    if (decoded === undefined) return
    const tokens = text
      .slice(hash + 2)
      .split('/')
      .map((token) => (decode(token) ?? token).replaceAll('~', '~0').replaceAll('/', '~1'))
    const meant = `${text.slice(0, hash)}#/${tokens.join('/')}`
    const parsed = safeParseExpression(meant)
    const response = subject.kind === 'link-value' ? subject.link.response : undefined
    const found = parsed.ok && resolve(parsed.value, { operation: subject.operation, response })?.kind === 'found'
    if (!found) return
    yield inUse(use, `A JSON Pointer in an expression is not percent-decoded: expected ${quoted(meant)}.`, {
      start,
      end: start + 3,
      ...replaceUse(use, meant),
    })
  },
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
