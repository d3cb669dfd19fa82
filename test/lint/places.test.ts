import { lintText } from 'ringback/lint'
import { describe, expect, test } from 'vitest'
import { documentWithKey } from './support.ts'

/** Ways to write one key; `plain` only where YAML allows it. */
const STYLES: [style: string, write: (key: string) => string][] = [
  ['single', (key) => `'${key.replaceAll("'", "''")}'`],
  ['double', (key) => JSON.stringify(key)],
  ['double with escapes', (key) => `"${[...key].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`],
  ['literal block', (key) => `? |-\n      ${key}\n    `],
  ['folded block', (key) => `? >-\n      ${key}\n    `],
]

/** The wrong character is where the two parts meet. */
const DEFECTS: [rule: string, before: string, after: string][] = [
  ['no-dollar', '{', 'request.body#/url}'],
  ['dot-instead-of-pointer', '{$request.body', '.url}'],
  ['missing-hash', '{$request.body', '/url}'],
  ['missing-slash-after-hash', '{$request.body#', 'url}'],
  ['unclosed-brace', '', '{$request.body#/url'],
  ['stray-brace', '{$request.body#/url}', '}'],
  ['unknown-source', '{', '$callbackUrl}'],
  ['unknown-source', '{$request.', 'bdy#/url}'],
  ['headers-instead-of-header', '{$request.', 'headers.callback-url}'],
  ['bad-header-name', '{$request.header.a', '(b}'],
  ['bad-pointer-escape', '{$request.body#/a', '~2}'],
  ['whitespace-in-key', '{', ' $request.body#/url}'],
  ['whitespace-in-key', '{$request.body', ' #/url}'],
  ['bare-expression-inside-text', 'https://example.com?to=', '$request.query.callbackUrl'],
  ['angle-delimiters', '', '<$request.body#/url>'],
  ['pointer-not-in-schema', '{$request.body#/sub/', 'uri}'],
  ['pointer-not-in-schema', "https://example.com/it's/{$request.body#/", 'uri}'],
  ['undeclared-query-parameter', 'https://example.com?to={$request.query.', 'x}'],
  ['undeclared-path-parameter', '{$request.body#/url}/', '{id}'],
  ['http-url', '', 'http://example.com'],
  ['userinfo', 'https://', 'me@example.com'],
]

describe.each(STYLES)('in a key written as %s', (style, write) => {
  test.each(DEFECTS)('the caret of %s stands between %j and %j', (rule, before, after) => {
    const text = documentWithKey(write(before + after))
    const { problems } = lintText(text)
    const problem = problems.find((one) => one.rule === rule)
    expect(problem, JSON.stringify(problems)).toBeDefined()
    if (problem === undefined) return
    const start = style.includes('escapes')
      ? `\\u${after.charCodeAt(0).toString(16).padStart(4, '0')}`
      : after.slice(0, 1) === "'"
        ? "''"
        : after.slice(0, 1)
    expect(text.slice(problem.offset, problem.offset + start.length)).toBe(start)
    const lines = text.slice(0, problem.offset).split('\n')
    expect([problem.line, problem.column]).toEqual([lines.length, (lines.at(-1) ?? '').length + 1])
    expect(text.slice(0, problem.offset).endsWith(style.includes('escapes') ? '' : before.slice(-3).replaceAll("'", ''))).toBe(
      true,
    )
  })
})

const PLAIN: [rule: string, before: string, after: string][] = [
  ['no-dollar', '', 'request.body#/url'],
  ['dot-instead-of-pointer', '$request.body', '.url'],
  ['pointer-not-in-schema', '$request.body#/sub/', 'uri'],
  ['no-dollar', 'https://example.com/{', 'request.body#/url}'],
  ['relative-url', '', 'notify'],
]
test.each(PLAIN)('in a plain key the caret of %s stands between %j and %j', (rule, before, after) => {
  const text = documentWithKey(before + after)
  const problem = lintText(text).problems.find((one) => one.rule === rule)
  expect(problem?.offset).toBe(text.indexOf(before + after) + before.length)
})

test.each(DEFECTS)('in JSON the caret of %s stands between %j and %j', (rule, before, after) => {
  const key = before + after
  const operation = {
    parameters: [{ name: 'callbackUrl', in: 'query', required: true, schema: { type: 'string' } }],
    requestBody: {
      content: {
        'application/json': {
          schema: { type: 'object', properties: { url: {}, sub: { properties: { url: { type: 'string' } } } } },
        },
      },
    },
    callbacks: { 'caf\u00e9': { [key]: { post: { responses: {} } } } },
  }
  const text = JSON.stringify({ openapi: '3.0.3', info: {}, paths: { '/a': { post: operation } } }, null, 2).replaceAll(
    '/',
    '\\/',
  )
  const problem = lintText(text).problems.find((one) => one.rule === rule)
  const written = JSON.stringify(before).slice(1, -1).replaceAll('/', '\\/')
  expect(problem?.offset).toBe(text.indexOf(JSON.stringify(key).replaceAll('/', '\\/')) + 1 + written.length)
  expect(problem?.key).toBe(key)
})

test('lines end at LF, CR LF and CR, and a file may begin with a byte order mark', () => {
  const text = documentWithKey("'{request.body#/url}'")
  const place = lintText(text).problems[0]
  for (const lineEnd of ['\r\n', '\r']) {
    const { line, column, endColumn } = lintText(text.replaceAll('\n', lineEnd)).problems[0] ?? {}
    expect([line, column, endColumn]).toEqual([place?.line, place?.column, place?.endColumn])
  }
  expect(lintText(`\ufeff${text}`).problems[0]?.offset).toBe((place?.offset ?? 0) + 1)
})
