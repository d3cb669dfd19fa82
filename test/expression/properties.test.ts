import {
  applyEdits,
  type ExpressionNode,
  ExpressionSyntaxError,
  expect as expected,
  explain,
  parseExpression,
  parseTemplate,
  print,
  repair,
  type SyntaxCode,
} from 'ringback/expression'
import { describe, expect, test } from 'vitest'
import type { Entry } from '../support/abnf.ts'
import fc from '../support/fast-check.ts'
import { read } from '../support/read.ts'
import { anyTexts, validTexts } from '../support/texts.ts'
import { nodesOf, withoutSpans } from '../support/tree.ts'

const codes: Readonly<Record<SyntaxCode, true>> = {
  empty: true,
  'expected-dollar': true,
  'missing-dollar': true,
  'unknown-root': true,
  'trailing-characters': true,
  'expected-dot': true,
  'unknown-source': true,
  'empty-header-name': true,
  'bad-header-character': true,
  'empty-name': true,
  'quote-in-name': true,
  'control-character-in-name': true,
  'bad-escape-in-name': true,
  'brace-not-allowed': true,
  'unexpected-character': true,
  'expected-hash': true,
  'pointer-must-start-with-slash': true,
  'bad-pointer-escape': true,
  'expected-outputs': true,
  'expected-inputs-or-outputs': true,
  'unknown-component-type': true,
  'empty-segment': true,
  'bad-index': true,
  'unclosed-expression': true,
  'unclosed-brace': true,
  'empty-braces': true,
  'nested-brace': true,
  'stray-brace': true,
  'whitespace-in-braces': true,
  'reserved-key': true,
  'extension-key': true,
  'too-long': true,
}

function treeOf(text: string, entry: Entry): ExpressionNode {
  const result = read(text, entry)
  if (!result.ok) throw new Error(`${JSON.stringify(text)} should parse: ${result.error.message}`)
  return result.value
}

/** AsyncAPI 2.0.0: the dot that its grammar prints before `#` is read and not written. */
const withoutDots = (text: string, { dialect }: Entry): string =>
  dialect === 'asyncapi-2.0.0' ? text.replace(/(\$message\.(?:header|payload))\.(?=$|[#}>])/gi, '$1') : text

const inSameCase = (text: string): string => text.toLowerCase()

describe('a tree', () => {
  test('prints the text it was made of, but for the case of keywords', () => {
    fc.assert(
      fc.property(validTexts, ({ text, entry }) => {
        const tree = treeOf(text, entry)
        const printed = print(tree)
        expect(inSameCase(printed)).toBe(inSameCase(withoutDots(text, entry)))
        const again = treeOf(printed, entry)
        expect(withoutSpans(again)).toEqual(withoutSpans(tree))
        expect(print(again)).toBe(printed)
      }),
      { numRuns: 1500 },
    )
  })

  test('has spans that slice the text of every node', () => {
    fc.assert(
      fc.property(validTexts, ({ text, entry }) => {
        for (const node of nodesOf(treeOf(text, entry))) {
          const slice = text.slice(node.span.start, node.span.end)
          expect(inSameCase(withoutDots(slice, entry))).toBe(inSameCase(printedAt(node, slice)))
          if ('raw' in node) expect(slice.endsWith(node.raw)).toBe(true)
        }
      }),
      { numRuns: 800 },
    )
  })
})

/** `print` knows the delimiters of a template, not those of one part of it. */
function printedAt(node: ExpressionNode, slice: string): string {
  if (node.kind !== 'embedded-expression' && node.kind !== 'path-parameter') return print(node)
  const inside = print(node).slice(1, -1)
  if (slice.startsWith('$')) return inside
  return slice.startsWith('<') ? `<${inside}>` : `{${inside}}`
}

describe('a text that does not parse', () => {
  test('is told by problems with a known code, a sentence and a place in the text, in order', () => {
    fc.assert(
      fc.property(anyTexts, ({ text, entry }) => {
        const result = read(text, entry)
        if (result.ok) return
        const { problems } = result.error
        expect(problems.length).toBeGreaterThan(0)
        expect(problems.length).toBeLessThanOrEqual(20)
        let last = 0
        for (const { code, span, message, edits } of problems) {
          expect(codes[code]).toBe(true)
          expect(message).toMatch(/^\S.*\.$/s)
          expect(span.start).toBeGreaterThanOrEqual(last)
          last = span.start
          for (const { start, end } of [span, ...edits.map((edit) => edit.span)]) {
            expect(start).toBeGreaterThanOrEqual(0)
            expect(end).toBeGreaterThanOrEqual(start)
            expect(end).toBeLessThanOrEqual(text.length)
          }
        }
      }),
      { numRuns: 1500 },
    )
  })

  test('has a partial tree whose spans lie in the text', () => {
    fc.assert(
      fc.property(anyTexts, ({ text, entry }) => {
        const result = read(text, entry)
        if (result.ok || result.error.partial === undefined) return
        for (const { span } of nodesOf(result.error.partial)) {
          expect(span.start).toBeGreaterThanOrEqual(0)
          expect(span.end).toBeGreaterThanOrEqual(span.start)
          expect(span.end).toBeLessThanOrEqual(text.length)
        }
      }),
      { numRuns: 800 },
    )
  })

  test('throws an ExpressionSyntaxError and nothing else', () => {
    fc.assert(
      fc.property(anyTexts, ({ text, entry: { dialect, template } }) => {
        try {
          if (template === undefined) parseExpression(text, { dialect })
          else parseTemplate(text, { dialect, ...template })
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionSyntaxError)
        }
      }),
      { numRuns: 800 },
    )
  })

  test('is read with repair as its edits make it', () => {
    fc.assert(
      fc.property(anyTexts, ({ text, entry }) => {
        const strict = read(text, entry)
        const lenient = read(text, entry, { repair: true })
        if (strict.ok) {
          expect(lenient).toEqual(strict)
          return
        }
        const mended = applyEdits(
          text,
          strict.error.problems.flatMap(({ edits }) => edits),
        )
        if (lenient.ok) expect(read(mended, entry)).toEqual(lenient)
        else expect(read(mended, entry).ok).toBe(false)
      }),
      { numRuns: 1500 },
    )
  })

  test('is repaired to a text that parses, if it says so, and explained', () => {
    fc.assert(
      fc.property(anyTexts, ({ text, entry: { dialect, template } }) => {
        const options = { dialect, ...template, ...(template === undefined ? { kind: 'expression' as const } : {}) }
        const repaired = repair(text, options)
        if (repaired !== undefined)
          expect(read(repaired.text, { dialect, ...(template && { template }) }).ok).toBe(repaired.valid)
        const explanation = explain(text, { dialect, ...template, exchange: {} })
        expect(explanation.valid).toBe(explanation.problems.length === 0)
      }),
      { numRuns: 800 },
    )
  })
})

describe('what is expected', () => {
  const expectOptions = ({ dialect, template }: Entry) => ({ dialect, ...template })

  /** Whether some completion of the text parses, found by taking what is offered; names are `a`, or `0`. */
  function completable(text: string, entry: Entry, depth: number): boolean {
    if (read(text, entry).ok) return true
    if (depth === 0) return false
    const { start, items } = expected(text, text.length, expectOptions(entry))
    return items.some((item) =>
      item.kind === 'keyword'
        ? completable(text.slice(0, start) + item.text, entry, depth - 1)
        : completable(`${text}${item.label.includes('index') ? '0' : 'a'}`, entry, depth - 1),
    )
  }

  /** What stands before the expression is beyond mending by what is chosen in it. */
  function isSoundBefore(text: string, entry: Entry): boolean {
    if (entry.template === undefined || (entry.template.mode === 'callback-key' && text.startsWith('$'))) return true
    const opening = text.lastIndexOf(entry.template.delimiters === 'angle' ? '<' : '{')
    return opening <= 0 || read(text.slice(0, opening), entry).ok
  }

  test('never throws, and each keyword leads to a text that can be completed', () => {
    fc.assert(
      fc.property(anyTexts, fc.double({ min: 0, max: 1, noNaN: true }), ({ text, entry }, share) => {
        const offset = Math.floor(share * text.length)
        const before = text.slice(0, offset)
        const { start, items } = expected(text, offset, expectOptions(entry))
        expect(start).toBeGreaterThanOrEqual(0)
        expect(start).toBeLessThanOrEqual(offset)
        if (!isSoundBefore(before, entry)) return
        for (const item of items) {
          if (item.kind !== 'keyword') continue
          const chosen = before.slice(0, start) + item.text
          expect([chosen, completable(chosen, entry, 8)]).toEqual([chosen, true])
        }
      }),
      { numRuns: 800 },
    )
  })

  test('every beginning of a valid expression can be completed', () => {
    fc.assert(
      fc.property(
        validTexts.filter(({ entry }) => entry.template === undefined),
        fc.double({ min: 0, max: 1, noNaN: true }),
        ({ text, entry }, share) => {
          const before = text.slice(0, Math.floor(share * text.length))
          // In the middle of an escape nothing is offered: it is no word.
          fc.pre(!/(?:~|\\(?:u[0-9a-f]{0,3})?|[\ud800-\udbff])$/i.test(before))
          expect([before, completable(before, entry, 10)]).toEqual([before, true])
        },
      ),
      { numRuns: 800 },
    )
  })
})
