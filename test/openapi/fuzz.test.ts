import { dump } from 'js-yaml'
import {
  callbacksOf,
  child,
  DocumentError,
  everyOperation,
  keyRangeOf,
  members,
  parseDescription,
  rangeInKey,
  rangeOf,
} from 'ringback/openapi'
import { expect, test } from 'vitest'
import fc from '../support/fast-check.ts'

const document = `openapi: 3.1.0
paths:
  /a/{id}:
    post: &post
      requestBody: { content: { "application/json": { schema: { type: object } } } }
      callbacks:
        done:
          '{$request.body#/url}/it''s':
            post: { description: "x\\u0041" }
          {$request.query.url}/tail:
            post: {}
        more: >-
          folded
          text
    put: *post
`

// Cuts, repeats, and inserts what YAML is sensitive to.
const piece = fc.constantFrom(
  '{',
  '}',
  '[',
  ']',
  ':',
  ': ',
  '- ',
  '? ',
  '#',
  ' #',
  '&a ',
  '*a',
  '"',
  "'",
  '|',
  '>',
  '\n',
  '\r\n',
  '\t',
  '  ',
  '!',
  '%',
  '@',
  '`',
  '<<: ',
  '\\',
  '\u2028',
  '\ud800',
  '\uFEFF',
  '---\n',
  '...\n',
  '$',
  '~',
  'x',
)
const mutation = fc.record({
  at: fc.nat(document.length),
  cut: fc.nat(12),
  insert: fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join('')),
})

function mutated(mutations: readonly { at: number; cut: number; insert: string }[]): string {
  return mutations.reduce((text, { at, cut, insert }) => text.slice(0, at) + insert + text.slice(at + cut), document)
}

test('nothing but a DocumentError escapes, and every place lies in the text', () => {
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 5 }), (mutations) => {
      const text = mutated(mutations)
      try {
        const description = parseDescription(text)
        for (const operation of everyOperation(description)) {
          for (const { at, keys } of callbacksOf(operation)) {
            expect(keyRangeOf(at)).toBeDefined()
            for (const { key, at } of keys) {
              const range = rangeInKey(at, 0, key.length)
              const whole = keyRangeOf(at)
              if (range === undefined || whole === undefined) throw new Error('no place')
              expect(range.start.offset).toBeGreaterThanOrEqual(whole.start.offset)
              expect(range.end.offset).toBeLessThanOrEqual(whole.end.offset)
              expect(whole.end.offset).toBeLessThanOrEqual(text.length)
            }
          }
        }
      } catch (error) {
        if (!(error instanceof DocumentError)) throw error
        if (error.offset !== undefined) expect(error.offset).toBeLessThanOrEqual(text.length)
      }
    }),
    { numRuns: 1_500 },
  )
})

test('any text at all', () => {
  const text = fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 40 }).map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(text, fc.boolean(), (body, head) => {
      try {
        parseDescription(head ? `openapi: 3.1.0\n${body}` : body)
      } catch (error) {
        if (!(error instanceof DocumentError)) throw error
      }
    }),
    { numRuns: 3_000 },
  )
})

// Without -0, which JSON has no way to write.
const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)))

test('children lie inside their parents, in whatever js-yaml writes', () => {
  fc.assert(
    fc.property(json, fc.integer({ min: -1, max: 3 }), (value, flowLevel) => {
      const text = dump({ openapi: '3.1.0', value }, { flowLevel })
      const waiting = [...members(parseDescription(text).root)]
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const outer = rangeOf(next.at)
        const key = keyRangeOf(next.at)
        if (outer === undefined || key === undefined) throw new Error('no place')
        expect(key.end.offset).toBeLessThanOrEqual(outer.start.offset)
        for (const member of members(next.at)) {
          expect(rangeOf(member.at)?.end.offset).toBeLessThanOrEqual(outer.end.offset)
          expect(keyRangeOf(member.at)?.start.offset).toBeGreaterThanOrEqual(outer.start.offset)
          waiting.push(member)
        }
      }
    }),
  )
})

// One shallow line makes the whole text go through the joining of lines.
test('joining lines for one shallow bracket changes nothing else', () => {
  fc.assert(
    fc.property(
      json,
      fc.constantFrom(-1, 1, 2, 3),
      fc.constantFrom('single' as const, 'double' as const),
      fc.integer({ min: 10, max: 80 }),
      (value, flowLevel, quoteStyle, lineWidth) => {
        const text = `${dump({ openapi: '3.1.0', value }, { flowLevel, quoteStyle, lineWidth })}shallow:\n  a: [\n  1\n  ]\n`
        const description = parseDescription(text)
        expect(child(description.root, 'value')?.value).toEqual(value)
        expect(description.file.problems.every(({ kind }) => kind === 'shallow-line')).toBe(true)
      },
    ),
    { numRuns: 1_000 },
  )
})

test('prose in scalars of every kind survives the joining of lines', () => {
  const prose = fc
    .array(fc.constantFrom('it\'s "quoted', "don't", '[link](x)', '{brace', 'key: value', '- item', '# hash', 'a # b', 'plain'), {
      minLength: 1,
      maxLength: 4,
    })
    .map((words) => words.join('\n'))
  fc.assert(
    fc.property(fc.array(prose, { minLength: 1, maxLength: 4 }), fc.constantFrom('literal', 'list', 'nested'), (texts, shape) => {
      const value = shape === 'list' ? texts : shape === 'nested' ? { a: { b: texts } } : texts[0]
      const text = `${dump({ openapi: '3.1.0', value })}shallow:\n  a: [\n  1\n  ]\n`
      expect(child(parseDescription(text).root, 'value')?.value).toEqual(value)
    }),
    { numRuns: 500 },
  )
})
