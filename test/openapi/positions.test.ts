import { dump, load } from 'js-yaml'
import {
  child,
  descend,
  keyRangeOf,
  keyStyleOf,
  type Located,
  members,
  nameOf,
  parseDescription,
  rangeInKey,
  rangeInValue,
  rangeOf,
  type SourceRange,
  valueStyleOf,
} from 'ringback/openapi'
import { expect, test } from 'vitest'
import fc from '../support/fast-check.ts'

const head = 'openapi: 3.1.0\n'

function first(text: string, ...tokens: string[]): Located {
  const found = descend(parseDescription(text).root, tokens)
  if (found === undefined) throw new Error(`nothing at ${tokens.join('/')}`)
  return found
}

function sliced(text: string, range: SourceRange | undefined): string | undefined {
  return range && text.slice(range.start.offset, range.end.offset)
}

// A key in every style, the decoded key, a decoded range, what stands there in the text, and line and column of its start.
const KEYS: [
  name: string,
  text: string,
  key: string,
  from: number,
  to: number,
  source: string,
  line: number,
  column: number,
  style: string,
][] = [
  ['plain', `${head}x:\n  $request.body#/url: 1`, '$request.body#/url', 14, 15, '/', 3, 17, 'plain'],
  ['single', `${head}x:\n  '{$request.body#/url}': 1`, '{$request.body#/url}', 10, 14, 'body', 3, 14, 'single'],
  ['single with a doubled quote before', `${head}x:\n  'it''s {$url}': 1`, "it's {$url}", 6, 10, '$url', 3, 11, 'single'],
  ['a doubled quote itself', `${head}x:\n  'it''s': 1`, "it's", 2, 3, "''", 3, 6, 'single'],
  ['double', `${head}x:\n  "{$request.body#/url}": 1`, '{$request.body#/url}', 10, 14, 'body', 3, 14, 'double'],
  ['double with escapes before', `${head}x:\n  "\\x7b\\u0024\\/\\"{$url}": 1`, '{$/"{$url}', 5, 9, '$url', 3, 19, 'double'],
  ['an escape itself', `${head}x:\n  "a\\u0024b": 1`, 'a$b', 1, 2, '\\u0024', 3, 5, 'double'],
  ['an escape of two units', `${head}x:\n  "\\U0001F600z": 1`, '😀z', 2, 3, 'z', 3, 14, 'double'],
  ['a surrogate pair as written', `${head}x:\n  "😀z": 1`, '😀z', 2, 3, 'z', 3, 6, 'double'],
  ['JSON', `{"openapi":"3.1.0","x":{"{$request.body#\\/url}":1}}`, '{$request.body#/url}', 15, 16, '\\/', 1, 41, 'json'],
  [
    'explicit, literal',
    `${head}x:\n  ? |-\n    {$request.body#/url}\n  : 1`,
    '{$request.body#/url}',
    10,
    14,
    'body',
    4,
    15,
    'literal',
  ],
  ['explicit, folded', `${head}x:\n  ? >-\n    one\n    {$url}\n  : 1`, 'one {$url}', 5, 9, '$url', 5, 6, 'folded'],
  [
    'without quotes, a mapping to YAML',
    `${head}x:\n  {$request.body#/url}:\n    a: 1`,
    '{$request.body#/url}',
    10,
    14,
    'body',
    3,
    13,
    'plain',
  ],
  [
    'without quotes and with a tail, no YAML at all',
    `${head}x:\n  {$request.query.u}/data:\n    a: 1`,
    '{$request.query.u}/data',
    15,
    16,
    '.',
    3,
    18,
    'plain',
  ],
  ['after CR LF', `openapi: 3.1.0\r\nx:\r\n  '{$url}': 1`, '{$url}', 1, 5, '$url', 3, 5, 'single'],
  ['after a byte order mark', `\uFEFF${head}x:\n  '{$url}': 1`, '{$url}', 1, 5, '$url', 3, 5, 'single'],
]

test.each(KEYS)('key, %s: places inside', (_, text, key, from, to, source, line, column, style) => {
  const [member] = members(first(text, 'x'))
  if (member === undefined) throw new Error('no member')
  expect(member.name).toBe(key)
  expect(nameOf(member.at)).toBe(key)
  const range = rangeInKey(member.at, from, to)
  expect(sliced(text, range)).toBe(source)
  expect(range?.start).toMatchObject({ line, column })
  expect(keyStyleOf(member.at)).toBe(style)
})

const VALUES: [name: string, text: string, value: string, from: number, to: number, source: string][] = [
  ['plain over lines', `${head}x: one\n  two\n\n  three`, 'one two\nthree', 8, 13, 'three'],
  ['single over lines', `${head}x: 'one  \n   two'`, 'one two', 4, 7, 'two'],
  ['double over lines, with a continued one', `${head}x: "one\n  t\\\n  wo"`, 'one two', 5, 7, 'wo'],
  ['literal, kept', `${head}x: |+\n  one\n\n  two\n\n`, 'one\n\ntwo\n\n', 5, 8, 'two'],
  ['literal with an indentation indicator', `${head}x: |1\n  one\n`, ' one\n', 1, 4, 'one'],
  ['folded with deeper lines', `${head}x: >\n  one\n\n    deep\n  two\n  three\n`, 'one\n\n  deep\ntwo three\n', 16, 21, 'three'],
  ['folded after an empty line', `${head}x: >-\n  one\n\n\n  two`, 'one\n\ntwo', 5, 8, 'two'],
  ['through an alias', `${head}a: &a 'it''s'\nx: *a`, "it's", 3, 4, 's'],
]

test.each(VALUES)('value, %s: places inside', (_, text, value, from, to, source) => {
  const located = first(text, 'x')
  expect(located.value).toBe(value)
  expect(sliced(text, rangeInValue(located, from, to))).toBe(source)
})

test('ranges of keys and values, of every kind of node', () => {
  const text = `${head}a: {b: [1, "two", {}]}\nc: &c\n  d: 1\n  e: |\n    text\nf: *c\ng:\n<<: {h: 2}\n`
  const at = (...tokens: string[]): string | undefined => sliced(text, rangeOf(first(text, ...tokens)))
  const keyAt = (...tokens: string[]): string | undefined => sliced(text, keyRangeOf(first(text, ...tokens)))
  expect(at('a')).toBe('{b: [1, "two", {}]}')
  expect(at('a', 'b')).toBe('[1, "two", {}]')
  expect(at('a', 'b', '1')).toBe('"two"')
  expect(at('a', 'b', '2')).toBe('{}')
  expect(keyAt('a', 'b')).toBe('b')
  expect(keyAt('a', 'b', '0')).toBeUndefined()
  expect(at('c')).toBe('d: 1\n  e: |\n    text\n')
  expect(at('f')).toBe('*c')
  expect(at('f', 'd')).toBe('1')
  expect(keyAt('f', 'd')).toBe('d')
  expect(at('g')).toBe('')
  expect(at('h')).toBe('2')
  expect(at()).toContain('openapi')
  expect(keyAt()).toBeUndefined()
  expect(valueStyleOf(first(text, 'c', 'e'))).toBe('literal')
})

test('an object has no positions', () => {
  const located: Located = {
    file: { uri: 'x:y', baseUri: 'x:y', name: 'o', root: { a: 1 }, source: undefined, problems: [] },
    pointer: '/a',
    value: 1,
  }
  expect(rangeOf(located)).toBeUndefined()
  expect(rangeInKey(located, 0)).toBeUndefined()
  expect(keyStyleOf(located)).toBeUndefined()
})

// Whatever a text is written like, unit i of the decoded key is where rangeInKey says: decoded alone, it gives that unit again.
const styles = {
  single: (text: string) => `'${text.replaceAll("'", "''")}'`,
  double: (text: string) => JSON.stringify(text),
  escaped: (text: string) =>
    `"${[...text].map((point) => `\\U${(point.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`).join('')}"`,
}

test('every unit of a quoted key is found again', () => {
  const unit = fc.string({
    unit: fc.constantFrom('a', '{', '}', '$', '#', "'", '"', '\\', ' ', '/', 'é', '😀', ':', '.'),
    minLength: 1,
    maxLength: 12,
  })
  fc.assert(
    fc.property(unit, fc.constantFrom(...Object.values(styles)), (key, write) => {
      const text = `${head}x:\n  ? ${write(key)}\n  : 1\n`
      const [member] = members(first(text, 'x'))
      expect(member?.name).toBe(key)
      if (member === undefined) return
      const quote = text.slice(text.indexOf('? ') + 2).charAt(0)
      for (let i = 0; i < key.length; i++) {
        const piece = sliced(text, rangeInKey(member.at, i, i + 1)) ?? ''
        // Half of an escaped pair is the whole escape or nothing.
        if (piece !== '')
          expect([...String(load(`${quote}${piece}${quote}`))].join('')).toContain(
            /[\uD800-\uDFFF]/.test(key.charAt(i)) ? '' : key.charAt(i),
          )
      }
      expect(rangeInKey(member.at, key.length)?.start.offset).toBe((keyRangeOf(member.at)?.end.offset ?? 0) - 1)
    }),
  )
})

test('block scalars: the offsets of every unit spell the value', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\t', '#'), maxLength: 6 })
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 8 }),
      fc.constantFrom('|', '>'),
      fc.constantFrom('', '-', '+'),
      (lines, kind, chomping) => {
        const text = `${head}x: ${kind}2${chomping}\n${lines.map((one) => `  ${one}`).join('\n')}\ny: 1\n`
        const located = first(text, 'x')
        const value = String(located.value)
        expect(value).toBe(load(text.slice(head.length)) && (load(text.slice(head.length)) as { x: string }).x)
        for (let i = 0; i < value.length; i++) {
          const piece = sliced(text, rangeInValue(located, i, i + 1)) ?? ''
          if (value.charAt(i) === '\n' || (value.charAt(i) === ' ' && piece.startsWith('\n'))) expect(piece).toMatch(/^\n/)
          else expect(piece.charAt(0)).toBe(value.charAt(i))
        }
      },
    ),
  )
})

test('the values are those of js-yaml, for whatever it writes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.boolean(), (anything, json) => {
      // YAML knows -0, JSON does not.
      const value: unknown = JSON.parse(JSON.stringify(anything))
      const document = { openapi: '3.1.0', value }
      const text = json ? JSON.stringify(document, undefined, 2) : dump(document)
      expect(child(parseDescription(text).root, 'value')?.value).toEqual(value)
    }),
  )
})
