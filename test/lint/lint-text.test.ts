import { applyFixes, lintText } from 'ringback/lint'
import { expect, test } from 'vitest'
import fc from '../support/fast-check.ts'
import { documentWithKey, repositoryFile } from './support.ts'

const good = documentWithKey("'{$request.body#/url}'")
const broken = documentWithKey("'{request.body#/url}'")

const UNREADABLE: [what: string, text: string, message: string][] = [
  ['nothing', '', 'the text is empty'],
  ['plain text', 'hello', 'expected an OpenAPI Description, which is a mapping, but found plain text'],
  ['no YAML', 'a: [', 'expected YAML or JSON but found an error'],
  ['another YAML', 'a: 1', 'expected a field "openapi"'],
  ['OpenAPI 2.0', 'swagger: "2.0"', 'Convert the document to OpenAPI 3'],
  ['a NUL byte', 'openapi: 3.0.0\u0000', 'this is a binary file'],
  [
    'too many aliases',
    `a: &a [1,1,1,1,1,1,1,1,1,1]\n${'bcdefghij'.replace(/./g, (c) => `${c}: &${c} [${`*${String.fromCharCode(c.charCodeAt(0) - 1)},`.repeat(10)}]\n`)}`,
    'aliases',
  ],
  ['an alias to itself', 'a: &a [*a]', 'a document without an end'],
  ['deep nesting', '['.repeat(100_000), 'levels of nesting'],
]
test.each(UNREADABLE)('%s is one finding', (_what, text, message) => {
  const { problems, stale, description } = lintText(text, { file: 'a.yaml' })
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatchObject({ rule: 'unreadable', severity: 'error', file: 'a.yaml' })
  expect(problems[0]?.message.toLowerCase()).toContain(message.toLowerCase())
  expect({ stale, description }).toEqual({ stale: true, description: undefined })
})

test('a comment in a key is explained', () => {
  // Inside a flow mapping the key cannot be told apart.
  const flow = good.replace(/\n +'\{\$request\.body#\/url\}':\n +/, ' { $request.body #/url: { ').replace(/(post: .*)/, '$1 } }')
  const { problems } = lintText(flow)
  expect(problems[0]?.message).toContain(
    'On line 17 a "#" behind a space begins a comment: quote the expression, and remove the space.',
  )
})

test('while a text cannot be read, the findings around the change stay', () => {
  const previous = lintText(broken, { file: 'a.yaml' })
  const place = previous.problems.find(({ rule }) => rule === 'no-dollar')
  const above = lintText(broken.replace('info:', 'x: [\ninfo:'), { file: 'a.yaml', previous })
  expect(above.stale).toBe(true)
  expect(above.problems.map(({ rule, line, offset }) => [rule, line, offset])).toContainEqual([
    'no-dollar',
    (place?.line ?? 0) + 1,
    (place?.offset ?? 0) + 5,
  ])
  expect(above.problems.every(({ fix }) => fix === undefined)).toBe(true)
  const below = lintText(`${broken}x: [`, { file: 'a.yaml', previous })
  expect(below.problems.map(({ rule, line, offset }) => [rule, line, offset])).toContainEqual([
    'no-dollar',
    place?.line,
    place?.offset,
  ])
  expect(below.description).toBe(previous.description)
  const again = lintText(broken, { file: 'a.yaml', previous: below })
  expect({ problems: again.problems, stale: again.stale }).toEqual({ problems: previous.problems, stale: false })
})

test('a text that did not change is not read again', () => {
  const previous = lintText(broken, { file: 'a.yaml' })
  expect(lintText(broken, { file: 'a.yaml', previous }).description).toBe(previous.description)
  expect(lintText(good, { file: 'a.yaml', previous }).description).not.toBe(previous.description)
})

test('what is no text is misuse', () => {
  expect(() => lintText(7 as unknown as string)).toThrow(TypeError)
})

const fragments = [
  ...documentWithKey("'{request.body#/url}'").split(/(?<=\W)/),
  '{',
  '}',
  '$',
  "'",
  '"',
  '*a',
  '&a',
  '? ',
  '- ',
  '#',
  '\n',
  '\t',
  '<<: ',
]
const texts = fc.oneof(
  fc.string(),
  fc.array(fc.constantFrom(...fragments), { maxLength: 60 }).map((parts) => parts.join('')),
  fc
    .tuple(fc.nat(broken.length), fc.nat(20), fc.constantFrom(...fragments))
    .map(([at, length, text]) => broken.slice(0, at) + text + broken.slice(at + length)),
  fc.jsonValue().map((value) =>
    JSON.stringify({
      openapi: '3.1.0',
      paths: {
        '/a': {
          post: { callbacks: { c: value }, requestBody: value, responses: { 200: { links: { l: value }, content: value } } },
        },
      },
    }),
  ),
)

test('it never throws, and its places are in the text', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const result = lintText(text, { previous: lintText(broken) })
      for (const { offset, line, column, fix } of result.problems) {
        expect(offset).toBeLessThanOrEqual(text.length)
        expect(Math.min(line, column)).toBeGreaterThan(0)
        if (fix !== undefined) expect(applyFixes(text, [fix]).count).toBe(1)
      }
    }),
    { numRuns: 200 },
  )
})

const KEYS = fc.array(
  fc.constantFrom(
    '{',
    '}',
    '$',
    '$request.',
    'body',
    '#',
    '/url',
    '/',
    '.',
    'request.',
    'query.',
    'header.',
    'callbackUrl',
    'url',
    '~',
    '%2F',
    ' ',
    'https://',
    '<',
    '>',
    '\\',
    '"',
    "'",
    '[0]',
    'x',
  ),
  { maxLength: 9 },
)

test('a fix leaves a document that can be read, and in which it is not needed any more', () => {
  fc.assert(
    fc.property(KEYS, fc.constantFrom('single', 'double'), (parts, style) => {
      const key = parts.join('')
      const text = documentWithKey(style === 'double' ? JSON.stringify(key) : `'${key.replaceAll("'", "''")}'`)
      for (const { fix, rule } of lintText(text).problems) {
        if (fix === undefined) continue
        const after = lintText(applyFixes(text, [fix]).text)
        expect(after.stale).toBe(false)
        expect(after.problems.filter((problem) => problem.severity === 'error' && problem.rule === rule)).toEqual([])
      }
    }),
    { numRuns: 300 },
  )
})

test('the published schema is what the report is', () => {
  const schema = JSON.parse(repositoryFile('src/lint/report.schema.json'))
  const { problem } = schema.$defs
  const required = lintText(broken).problems.flatMap((one) => Object.keys(one))
  expect(new Set(required)).toEqual(new Set([...problem.required, 'key', 'expression', 'suggestion', 'fix']))
})
