import { child, type DocumentProblem, descend, keyRangeOf, members, parseDescription } from 'ringback/openapi'
import { expect, test } from 'vitest'

function problems(text: string): readonly DocumentProblem[] {
  return parseDescription(text, { file: 'api.yaml' }).file.problems
}

test('duplicate keys are told with both places; the last one counts', () => {
  const text = 'openapi: 3.1.0\nx:\n  "a\\u0062": 1\n  c: 2\n  ab: 3\n'
  expect(problems(text)).toEqual([
    {
      kind: 'duplicate-key',
      key: 'ab',
      range: { file: 'api.yaml', start: { offset: 42, line: 5, column: 3 }, end: { offset: 44, line: 5, column: 5 } },
      first: { file: 'api.yaml', start: { offset: 20, line: 3, column: 3 }, end: { offset: 29, line: 3, column: 12 } },
      message: expect.stringContaining('first on line 3'),
    },
  ])
  expect(descend(parseDescription(text).root, ['x', 'ab'])?.value).toBe(3)
})

const UNQUOTED: [line: string, key: string][] = [
  ['{$request.body#/url}:', '{$request.body#/url}'],
  ['{$request.query.url}/data:', '{$request.query.url}/data'],
  ['{$request.body #/url}:', '{$request.body #/url}'],
  ['{$request.body#/url}?id={$request.path.id}: # where to', '{$request.body#/url}?id={$request.path.id}'],
  ['{$request.body#/a,b}/[x]: {}', '{$request.body#/a,b}/[x]'],
]

test.each(UNQUOTED)('%s must be quoted, and is read all the same', (line, key) => {
  const text = `openapi: 3.1.0\nx:\n  done:\n    ${line}\n      post: { operationId: p }\n  other: |\n    ${line}\n`.replace(
    '{}\n      post: { operationId: p }',
    '{ post: { operationId: p } }',
  )
  const description = parseDescription(text)
  const done = members(descend(description.root, ['x', 'done']))
  expect(done.map(({ name }) => name)).toEqual([key])
  expect(done[0] && descend(done[0].at, ['post', 'operationId'])?.value).toBe('p')
  // The same text in a block scalar is none of our business.
  expect(descend(description.root, ['x', 'other'])?.value).toBe(`${line}\n`)
  const [problem, ...others] = description.file.problems
  expect(others).toEqual([])
  expect(problem).toMatchObject({
    kind: 'unquoted-key',
    key,
    range: { start: { line: 4, column: 5 }, end: { line: 4, column: 5 + key.length } },
  })
  expect(problem?.message).toContain(`Write '${key}':`)
})

test('any other collection as a key is its text', () => {
  const text = 'openapi: 3.1.0\nx:\n  [a, b]: 1\n  ? {a: b}\n  : 2\n  &k c: 3\n  *k : 4\n'
  const description = parseDescription(text)
  expect(child(description.root, 'x')?.value).toEqual({ '[a, b]': 1, '{a: b}': 2, c: 4 })
  expect(description.file.problems.map(({ kind }) => kind)).toEqual(['complex-key', 'unquoted-key', 'duplicate-key'])
})

// js-yaml 5.5 refuses these where the key is the first of a mapping below another key.
const TAGGED: string[] = ['!!str &a /x', '&a !!str /x', '!!str &a "/x"', "! &a '/x'", '!own   &a   /x']
test.each(TAGGED)('a key behind a tag and an anchor is read: %s', (key) => {
  const text = `openapi: 3.1.0\npaths:\n  ${key}:\n    get: { summary: one }\n  &b /y: {}\nx: [*a , *b ]\ny: |\n  ${key}: 1\n`
  const description = parseDescription(text)
  expect(description.file.problems).toEqual([])
  expect(description.root.value).toEqual({
    openapi: '3.1.0',
    paths: { '/x': { get: { summary: 'one' } }, '/y': {} },
    x: ['/x', '/y'],
    y: `${key}: 1\n`,
  })
  const [at] = members(child(description.root, 'paths'))
  const quoted = key.indexOf('/x') - (/["']/.test(key) ? 1 : 0)
  expect(at && keyRangeOf(at.at)?.start.offset).toBe(text.indexOf(key) + quoted)
})

const SHALLOW: [name: string, text: string, value: unknown][] = [
  ['a double-quoted scalar', 'x:\n  a: "one\n  two\n\n  three\\\n  !"\n  b: 1\n', { a: 'one two\nthree!', b: 1 }],
  ['a single-quoted scalar', "x:\n  a: 'it''s\n  two'\n  b: 1\n", { a: "it's two", b: 1 }],
  ['brackets', 'x:\n  a: {\n    c: [\n      1 # one\n    ]\n  }\n  b: [\n    2\n  ]\n', { a: { c: [1] }, b: [2] }],
  ['items', 'x:\n  a: [\n  1,\n  2\n  ]\n', { a: [1, 2] }],
  ['an example of the same look in a block scalar', 'x:\n  a: |\n    {\n    }\n  b: {\n  }\n', { a: '{\n}\n', b: {} }],
]

test.each(SHALLOW)('%s that is not indented deeper than its key is read, and told', (_, text, value) => {
  const description = parseDescription(`openapi: 3.1.0\n${text}`)
  expect(child(description.root, 'x')?.value).toEqual(value)
  expect(description.file.problems.length).toBeGreaterThan(0)
  expect(new Set(description.file.problems.map(({ kind }) => kind))).toEqual(new Set(['shallow-line']))
})

test('only the first of several YAML documents is read', () => {
  const description = parseDescription('openapi: 3.1.0\n---\nopenapi: 3.0.0\n')
  expect(description.version).toBe('3.1')
  expect(description.file.problems).toMatchObject([{ kind: 'several-documents' }])
})

test('a document full of problems tells the first hundred', () => {
  expect(problems(`openapi: 3.1.0\n${'a: 1\n'.repeat(5_000)}`)).toHaveLength(100)
})

test('tags, merge keys and strange names do no harm', () => {
  const text = [
    'openapi: 3.1.0',
    'base: &base { a: 1, b: 2 }',
    'x:',
    '  <<: *base',
    '  b: 3',
    '  bin: !!binary |',
    '    aGVs',
    '    bG8=',
    '  tagged: !Ref Thing',
    '  string: !!str 12',
    '  int: !!int "12"',
    '  date: 2024-01-01',
    '  __proto__: { polluted: true }',
    '  constructor: 1',
    '  200: ok',
    '  1.0: ok',
    '  null: ok',
    '  "<<": literal',
    '  big: 0x10',
    '  inf: .inf',
    '  yes: yes',
    '  ~: tilde',
    '',
  ].join('\n')
  const x = child(parseDescription(text).root, 'x')
  expect(members(x).map(({ name, at }) => [name, at.value])).toEqual([
    ['200', 'ok'],
    ['b', 3],
    ['bin', 'aGVsbG8='],
    ['tagged', 'Thing'],
    ['string', '12'],
    ['int', 12],
    ['date', '2024-01-01'],
    ['__proto__', { polluted: true }],
    ['constructor', 1],
    ['1.0', 'ok'],
    ['null', 'ok'],
    ['<<', 'literal'],
    ['big', 16],
    ['inf', Number.POSITIVE_INFINITY],
    ['yes', 'yes'],
    ['~', 'tilde'],
    ['a', 1],
  ])
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})
