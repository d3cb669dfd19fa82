import { applyFixes, lintText, type Problem, unifiedDiff } from 'ringback/lint'
import { expect, test } from 'vitest'
import fc from '../support/fast-check.ts'
import { documentAround, documentWithKey } from './support.ts'

/** As `--fix` does: until there is nothing left to fix. */
function fixed(text: string): { text: string; rounds: number; problems: readonly Problem[] } {
  let current = text
  for (let rounds = 0; ; rounds++) {
    const { problems } = lintText(current)
    const next = applyFixes(
      current,
      problems.flatMap(({ fix }) => (fix === undefined ? [] : [fix])),
    )
    if (next.count === 0) return { text: current, rounds, problems }
    expect(rounds).toBeLessThan(10)
    current = next.text
  }
}

const CERTAIN: [before: string, after: string][] = [
  ["'{request.body#/url}'", "'{$request.body#/url}'"],
  ['"{request.body#/url}/it\'s"', '"{$request.body#/url}/it\'s"'],
  ["'{request.body#/url}/it''s'", "'{$request.body#/url}/it''s'"],
  ['"{request.body#/u\\u0072l}"', '"{$request.body#/u\\u0072l}"'],
  ['request.body#/url', '$request.body#/url'],
  ['$request.body.url', '$request.body#/url'],
  ["'{$request.body[''url'']}'", "'{$request.body#/url}'"],
  ["'{$request.body/url}'", "'{$request.body#/url}'"],
  ["'{$request.body#url}'", "'{$request.body#/url}'"],
  ["'${request.body#/url}'", "'{$request.body#/url}'"],
  ["'{$request.requestBody.url}'", "'{$request.body#/url}'"],
  ["'{$callbackUrl}/x'", "'{$request.query.callbackUrl}/x'"],
  ["'{callbackUrl}'", "'{$request.query.callbackUrl}'"],
  ['callbackUrl', "'{$request.query.callbackUrl}'"],
  ["'{ $request.body#/url }'", "'{$request.body#/url}'"],
  ["'{$request.body#/url} '", "'{$request.body#/url}'"],
  ["'{$request.body#/url '", "'{$request.body#/url}'"],
  ["'{$request.body#/url'", "'{$request.body#/url}'"],
  ["'{$request.body#/url}}'", "'{$request.body#/url}'"],
  ["'{{$request.body#/url}'", "'{$request.body#/url}'"],
  ['{$request.body#/url}', "'{$request.body#/url}'"],
  ['{$request.body#/url}/data', "'{$request.body#/url}/data'"],
  ['{request.body#/url}', "'{$request.body#/url}'"],
  ['$request.body #/url', "'$request.body#/url'"],
  ['{$request.body #/url}', "'{$request.body#/url}'"],
  ['{$request.body #/url}/x', "'{$request.body#/url}/x'"],
  ['https://example.com/{$request.body #/url}', "'https://example.com/{$request.body#/url}'"],
  ['https://example.com?to=$request.query.callbackUrl', "'https://example.com?to={$request.query.callbackUrl}'"],
  ['<$request.body#/url>/x', "'{$request.body#/url}/x'"],
  ["'{$request.query.callbackURL}'", "'{$request.query.callbackUrl}'"],
  ["'{$request.body#/sub.url}'", "'{$request.body#/sub/url}'"],
  ["'{$request.body#/URL}'", "'{$request.body#/url}'"],
  ["'$request.body#/url/data'", "'{$request.body#/url}/data'"],
  ['$request.query.callbackUrl/data', "'{$request.query.callbackUrl}/data'"],
  ["'{$Request.Body#/url}'", "'{$request.body#/url}'"],
  ['"{request.body.url}/{$callbackUrl}"', '"{$request.body#/url}/{$request.query.callbackUrl}"'],
]
test.each(CERTAIN)('%s becomes %s, and nothing else changes', (before, after) => {
  const { text, problems } = fixed(documentWithKey(before))
  expect(text).toBe(documentWithKey(after))
  expect(problems.filter(({ severity }) => severity !== 'info')).toEqual([])
})

const UNCERTAIN: string[] = [
  "'%7B$request.body%23/url%7D'",
  "'{request.body#/nowhere}'",
  "'{$request.body.nowhere}'",
  "'{$nowhere}'",
  "'{nowhere}'",
  "'{$request.body#/uri}'",
  "'{$status}'",
  "'{request.header.X-Undeclared}'",
  '*anchor ',
]
test.each(UNCERTAIN)('%s stays as it is', (key) => {
  const text = documentWithKey(key).replace('responses: ', 'x-key: &anchor "{request.body#/url}"\n      responses: ')
  expect(fixed(text).text).toBe(text)
})

const operation = (path: string, field: string, callbacks: string): string => `  /${path}:
    post:
      requestBody: { required: true, content: { application/json: { schema: { required: [${field}], properties: { ${field}: { type: string } } } } } }
      responses: { '204': { description: Done } }
      callbacks: ${callbacks}
`
const named = (key: string, ref = "{ c: { $ref: '#/components/callbacks/C' } }"): string =>
  `paths:\n${operation('a', 'notifUri', ref)}${operation('b', 'notifURI', ref)}components: { callbacks: { C: { ${key}: { post: { responses: {} } } } } }\n`
const link = (pointer: string): string => `paths:
  /a:
    post:
      responses:
${[
  ['200', 'userId'],
  ['201', 'userID'],
]
  .map(
    ([status, field]) =>
      `        '${status}': { description: OK, content: { application/json: { schema: { properties: { ${field}: { type: string } } } } }, links: { l: { $ref: '#/components/links/L' } } }\n`,
  )
  .join('')}    get: { operationId: b, parameters: [{ name: q, in: query, schema: {} }], responses: {} }
components: { links: { L: { operationId: b, parameters: { q: '$response.body#/${pointer}' } } } }
`
const DISAGREED: [what: string, fragment: string, whose: string][] = [
  ['a component', named("'{$request.body#/notifURI}'"), 'POST /a'],
  ['a component that is broken for all', named("'{$request.body.notifURI}'"), ''],
  [
    'an alias',
    `paths:\n${operation('a', 'notifUri', "&c { c: { '{$request.body#/notifURI}': { post: { responses: {} } } } }")}${operation('b', 'notifURI', '*c')}`,
    'POST /a',
  ],
  ['a link of two responses', link('userID'), 'POST /a (200)'],
]
test.each(DISAGREED)('what is certain for one user and wrong for another is no fix: %s', (_what, fragment, whose) => {
  const problems = lintText(documentAround(fragment)).problems.filter(({ severity }) => severity === 'error')
  expect(problems).not.toEqual([])
  expect(problems.filter(({ fix }) => fix !== undefined)).toEqual([])
  expect(
    problems.some(({ message }) => message.includes(`This is so for ${whose}`)),
    problems[0]?.message,
  ).toBe(true)
})

test('what is certain for all users is a fix', () => {
  const text = documentAround(named("'{$request.body.notifURI}'").replace('notifUri', 'notifURI').replace('notifUri', 'notifURI'))
  expect(fixed(text).text).toBe(text.replace('body.notifURI', 'body#/notifURI'))
})

test('a URL behind a scheme loses the scheme', () => {
  const key = (text: string): string =>
    documentAround(`parameters:
  - { name: to, in: query, required: true, schema: { type: string, format: uri } }
callbacks: { called: { ${text}: { post: { responses: {} } } } }
`)
  expect(fixed(key("'http://$request.query.to'")).text).toBe(key("'{$request.query.to}'"))
})

test('a document with every class of defects is mended at once, and stays so', () => {
  const keys = CERTAIN.map(([before]) => before)
  const text = documentWithKey(
    keys.map((key, i) => `x${i}: 0\n  called${i}:\n    ${key}`).join(':\n      post: { responses: {} }\n  y'),
  ).replace(/^ *[xy]+\d+: 0\n/gm, '')
  const { text: mended, problems } = fixed(text)
  expect(problems.filter(({ severity }) => severity !== 'info')).toEqual([])
  expect(fixed(mended)).toMatchObject({ text: mended, rounds: 0 })
})

const blockKey = (header: string, key: string, tail = ''): string =>
  documentWithKey('KEY').replace(/^( *)KEY:$/m, (_, indent) => `${indent}? ${header}\n${indent}  ${key}\n${tail}${indent}:`)
const BLOCKS: [what: string, before: string, after: string][] = [
  ['|-', blockKey('|-', '{request.body#/url}'), blockKey('|-', '{$request.body#/url}')],
  ['>-', blockKey('>-', '{request.body#/url}/x'), blockKey('>-', '{$request.body#/url}/x')],
  ['|-, at the end of the text', blockKey('|-', '{$request.body#/url'), blockKey('|-', '{$request.body#/url}')],
  ['|- and empty lines', blockKey('|-', '{$request.body.url', '\n\n'), blockKey('|-', '{$request.body#/url}', '\n\n')],
  ['|- and a backslash', blockKey('|-', '{request.body#/url}/\\n"'), blockKey('|-', '{$request.body#/url}/\\n"')],
  ['|2-', blockKey('|2-', '{request.body#/url}'), blockKey('|2-', '{$request.body#/url}')],
]
test.each(BLOCKS)('a key in a block scalar is mended: %s', (_what, before, after) => {
  expect(fixed(before).text).toBe(after)
})

const HARMFUL: [what: string, text: string][] = [
  // Without its line break the key would not end.
  ['a block scalar with a line break at its end', blockKey('|', '{$request.body#/url}')],
  [
    'a key that would stand twice',
    documentWithKey("'{request.body#/url}': { post: { responses: {} } }\n    '{$request.body#/url}'"),
  ],
]
test.each(HARMFUL)('nothing is changed in %s', (_what, text) => {
  expect(fixed(text).text).toBe(text)
})

test('a fix that would change something else is left out, and the others are made', () => {
  const text = 'a: one\nb: [two, three]\nc: four\n'
  const at = (found: string, inserted: string) => {
    const start = text.indexOf(found)
    return { edits: [{ start, end: start + found.length, text: inserted }] }
  }
  const harmful = [at('two', 'x]'), at('three', 'x, y'), at('b:', 'b: # '), at('c: ', ''), at('a: one', 'a: { one: 1 }')]
  for (const one of harmful) expect(applyFixes(text, [one])).toEqual({ text, count: 0 })
  expect(applyFixes(text, [at('one', '1'), at('two', 'x, y'), at('four', "'4'")])).toEqual({
    text: "a: 1\nb: [two, three]\nc: '4'\n",
    count: 2,
  })
  expect(applyFixes(': [', [{ edits: [{ start: 0, end: 1, text: 'a:' }] }])).toEqual({ text: ': [', count: 0 })
})

test('a fix in what is merged and aliased changes all of them', () => {
  const text = 'a: &a { k: x, l: [x] }\nb: { <<: *a, m: 1 }\nc: *a\n'
  expect(
    applyFixes(text, [{ edits: [{ start: 8, end: 9, text: 'kk' }] }, { edits: [{ start: 11, end: 12, text: 'y' }] }]),
  ).toEqual({
    text: 'a: &a { kk: y, l: [x] }\nb: { <<: *a, m: 1 }\nc: *a\n',
    count: 2,
  })
})

test('of two fixes that touch each other the first is made', () => {
  const fix = (start: number, end: number, text: string) => ({ edits: [{ start, end, text }] })
  expect(applyFixes('abc', [fix(0, 1, 'x'), fix(1, 2, 'y'), fix(2, 3, 'z')])).toEqual({ text: 'xbz', count: 2 })
  expect(applyFixes('abc', [fix(1, 1, 'x'), fix(1, 1, 'x')])).toEqual({ text: 'axbc', count: 1 })
  expect(applyFixes('abc', [fix(2, 9, 'x'), fix(2, 1, 'x'), fix(-1, 1, 'x'), { edits: [] }])).toEqual({ text: 'abc', count: 0 })
})

test('a diff has the changed lines with three around them', () => {
  const lines = Array.from({ length: 30 }, (_, i) => `line ${i + 1}`)
  const changed = lines.with(9, 'changed').with(28, 'last but one')
  expect(unifiedDiff('a.yaml', `${lines.join('\n')}\n`, `${changed.join('\n')}`)).toBe(`--- a.yaml
+++ a.yaml
@@ -7,7 +7,7 @@
 line 7
 line 8
 line 9
-line 10
+changed
 line 11
 line 12
 line 13
@@ -26,5 +26,5 @@
 line 26
 line 27
 line 28
-line 29
-line 30
+last but one
+line 30
\\ No newline at end of file
`)
  expect(unifiedDiff('a', 'x', 'x')).toBe('')
})

test('a diff says what its two texts say', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })
    .map((lines) => lines.map((line) => `${line}\n`).join(''))
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(patched(before, unifiedDiff('f', before, after))).toBe(after)
    }),
  )
})

/** Applies a diff, by the line numbers of its hunks. */
function patched(text: string, diff: string): string {
  const lines = text.match(/[^\n]*\n/g) ?? []
  let result = ''
  let at = 0
  for (const line of diff.split('\n').slice(2, -1)) {
    const [, start] = /^@@ -(\d+),/.exec(line) ?? []
    if (start !== undefined) while (at < Number(start) - 1) result += lines[at++]
    else if (line.startsWith('+')) result += `${line.slice(1)}\n`
    else {
      expect(`${line.slice(1)}\n`).toBe(lines[at])
      if (line.startsWith(' ')) result += lines[at]
      at++
    }
  }
  return result + lines.slice(at).join('')
}
