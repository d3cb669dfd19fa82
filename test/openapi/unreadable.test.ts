import { DocumentError, type OpenApiDescription, parseDescription } from 'ringback/openapi'
import { expect, test } from 'vitest'

function caught(read: () => OpenApiDescription): DocumentError {
  try {
    read()
  } catch (error) {
    if (error instanceof DocumentError) return error
    throw error
  }
  throw new Error('it was read')
}

const deep = 10_000

// One error for each, with the place where there is one.
const UNREADABLE: [name: string, text: string, message: RegExp, line: number | undefined, column: number | undefined][] = [
  ['empty', '', /empty/, undefined, undefined],
  ['blank', ' \n\t\n', /empty/, undefined, undefined],
  ['only a byte order mark', '\uFEFF', /empty/, undefined, undefined],
  ['only a comment', '# nothing\n', /found nothing/, 1, 1],
  ['a NUL byte', 'openapi: 3.1.0\n\0', /binary/, 2, 1],
  ['not YAML', 'openapi: 3.1.0\npaths: [\n', /unexpected end/, 3, 1],
  ['not JSON', '{"openapi": "3.1.0", "paths": {,}}', /found an error/, 1, 32],
  ['bad indentation', 'openapi: 3.1.0\n paths: {}\n', /found an error/, 2, 7],
  ['a tab as indentation', 'openapi: 3.1.0\npaths:\n\t/a: {}\n', /tab/, 3, 1],
  ['an unknown anchor', 'openapi: 3.1.0\npaths: *p\n', /anchor &p/, 2, 9],
  ['an anchor inside itself', 'openapi: 3.1.0\npaths: &p\n  /a: *p\n', /inside its own anchor/, 3, 8],
  ['plain text', 'Hello, world', /found plain text/, 1, 1],
  ['a sequence', '- openapi: 3.1.0', /found a sequence/, 1, 1],
  ['a number', '42', /found a number/, 1, 1],
  ['Swagger 2.0', 'swagger: "2.0"\npaths: {}', /Convert the document to OpenAPI 3/, 1, 10],
  ['no version', 'info: {}\npaths: {}', /field "openapi"/, 1, 1],
  ['a version of another kind', 'info: {}\nopenapi: [3]', /found \[3\]/, 2, 10],
  ['a version to come', 'openapi: 4.0.0', /found "4.0.0"/, 1, 10],
  ['3.10 is not 3.1', 'openapi: 3.10.0', /found "3.10.0"/, 1, 10],
  ['deep flow', '['.repeat(deep) + ']'.repeat(deep), /500 levels/, 1, 500],
  ['deep JSON', `{"openapi":"3.1.0","x":${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}}`, /500 levels/, 1, undefined],
  ['deep block sequence', '- '.repeat(deep), /500 levels/, 1, 1_001],
  ['deep block mapping', Array.from({ length: 2_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), /500 levels/, 500, undefined],
  ['deep explicit keys', '? '.repeat(deep), /500 levels/, 1, 1_000],
]

test.each(UNREADABLE)('%s', (_, text, message, line, column) => {
  const error = caught(() => parseDescription(text, { file: 'api.yaml' }))
  expect(error.code).toBe('ERR_DOCUMENT_UNREADABLE')
  expect(error.file).toBe('api.yaml')
  expect(error.message).toMatch(message)
  expect(error.line).toBe(line)
  if (column !== undefined) expect(error.column).toBe(column)
  expect(error.message.startsWith(line === undefined ? 'api.yaml: ' : `api.yaml:${line}:${error.column}: `)).toBe(true)
  expect(error.offset === undefined).toBe(line === undefined)
})

const READABLE: [name: string, text: string, version: string][] = [
  ['3.0', 'openapi: 3.0.3', '3.0'],
  ['3.1', 'openapi: "3.1.1"', '3.1'],
  ['3.2', 'openapi: 3.2.0', '3.2'],
  ['the number 3.0', 'openapi: 3.0', '3.0'],
  ['the number 3.1', 'openapi: 3.1', '3.1'],
  ['a pre-release', 'openapi: 3.1.0-rc0', '3.1'],
  ['JSON with tabs', '{\n\t"openapi":\t"3.1.0"\n}', '3.1'],
  ['CR LF', 'openapi: 3.1.0\r\npaths: {}\r\n', '3.1'],
  ['a directive and a document start', '%YAML 1.2\n---\nopenapi: 3.1.0\n...\n', '3.1'],
]

test.each(READABLE)('%s can be read', (_, text, version) => {
  const description = parseDescription(text)
  expect(description.version).toBe(version)
  expect(description.file.problems).toEqual([])
})

test('a text is expected', () => {
  expect(() => parseDescription({} as string)).toThrow(TypeError)
})

// What a document may cost, by its limits.
test('a text beyond maxBytes is refused before it is parsed', () => {
  expect(caught(() => parseDescription(`openapi: 3.1.0\nx: ${'a'.repeat(2_000)}`, { maxBytes: 1_000 })).message).toMatch(
    /at most 1000 bytes/,
  )
})

test('a text with more nodes than maxNodes is refused before it is parsed', () => {
  expect(caught(() => parseDescription(`openapi: 3.1.0\nx: [${'a,'.repeat(2_000)}]`, { maxNodes: 1_000 })).message).toMatch(
    /at most 1000 nodes/,
  )
})

test('aliases that multiply are counted, not expanded', () => {
  const lines = Array.from({ length: 60 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}]`)
  const error = caught(() => parseDescription(`openapi: 3.1.0\na0: &a0 [lol]\n${lines.join('\n')}\n`))
  expect(error.message).toMatch(/aliases followed/)
})

test('merge keys that multiply are counted', () => {
  const lines = Array.from({ length: 40 }, (_, i) => `m${i + 1}: &m${i + 1}\n  x: *m${i}\n  <<: [*m${i}, *m${i}, *m${i}]`)
  const error = caught(() => parseDescription(`openapi: 3.1.0\nm0: &m0 { y: [1, 2, 3] }\n${lines.join('\n')}\n`))
  expect(error.message).toMatch(/aliases followed/)
})

test('a few aliases share their value', () => {
  const description = parseDescription('openapi: 3.1.0\na: &a { b: 1 }\nc: *a\nd: *a\n')
  const root = description.root.value as unknown as Record<string, unknown>
  expect(root.c).toBe(root.a)
  expect(root.d).toEqual({ b: 1 })
})
