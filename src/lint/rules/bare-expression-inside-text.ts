import type { Rule } from '../rule.ts'
import { fileEdits, isCertain } from '../subject/index.ts'
import { inText, quoted } from './support.ts'

/** `https://example.com?url=$request.query.url`: without braces it is text, and nothing is put in its place. */
export const bareExpressionInsideText: Rule = {
  name: 'bare-expression-inside-text',
  summary: 'An expression inside a URL has no braces and is sent as text.',
  group: 'syntax',
  severity: 'error',
  fixable: true,
  *key(key) {
    const { mended, text } = key
    if (key.problems.length > 0 || key.angle || mended === undefined || !text.includes('$') || text.trim().startsWith('$')) return
    const found = key.uses.filter(({ start, text: expression }) => text.startsWith(expression, start) && text[start - 1] !== '{')
    for (const use of found) {
      const address =
        use.resolution?.kind === 'found' && use.resolution.traits?.formats.some((format) => /^(?:uri|url|iri)$/.test(format))
      // An absolute URL behind a scheme would be `http://https://…`.
      const scheme = address ? /^https?:\/\/$/i.exec(text.slice(0, use.start))?.[0] : undefined
      const edits =
        scheme === undefined
          ? mended.edits
          : mended.edits.map((edit, i) => (i === 0 ? { span: { start: 0, end: edit.span.end }, text: edit.text } : edit))
      const suggestion = scheme === undefined ? mended.text : mended.text.slice(scheme.length)
      yield inText(key, `Inside a URL an expression stands in braces: expected ${quoted(`{${use.text}}`)}.`, {
        start: use.start,
        end: use.end,
        expression: use.text,
        suggestion,
        fix: isCertain(key) ? fileEdits(key, edits) : undefined,
      })
    }
  },
}
