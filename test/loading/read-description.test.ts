import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type ReadOptions, readDescription } from 'ringback'
import { callbacksOf, child, DocumentError, descend, type OpenApiDescription, operationsOf, rangeOf } from 'ringback/openapi'
import { afterAll, beforeAll, expect, test } from 'vitest'

let folder: string
let outside: string

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'ringback-loading-')))
  outside = await realpath(await mkdtemp(join(tmpdir(), 'ringback-outside-')))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
  await rm(outside, { recursive: true })
})

let count = 0

/** Writes files into a folder of their own, and gives its path. */
async function files(contents: Record<string, string | Uint8Array>): Promise<string> {
  const place = join(folder, String(count++))
  for (const [name, content] of Object.entries(contents)) {
    await mkdir(dirname(join(place, name)), { recursive: true })
    await writeFile(join(place, name), content)
  }
  return place
}

const start = (ref: string, version = '3.1.0'): string => `openapi: ${version}\nstart: { $ref: ${JSON.stringify(ref)} }\n`

function resolved(description: OpenApiDescription): unknown {
  const located = child(description.root, 'start')
  const result = located && description.resolve(located)
  return result?.ok ? result.value.value : result?.error.reason
}

async function failure(input: Parameters<typeof readDescription>[0], options?: ReadOptions): Promise<DocumentError> {
  try {
    await readDescription(input, options)
  } catch (error) {
    if (error instanceof DocumentError) return error
    throw error
  }
  throw new Error('it was read')
}

const REFERENCES: [name: string, files: Record<string, string>, value: unknown][] = [
  ['a file beside it', { 'openapi.yaml': start('b.yaml#/x'), 'b.yaml': 'x: 1' }, 1],
  ['a whole file', { 'openapi.yaml': start('./b.yaml'), 'b.yaml': '[1, 2]' }, [1, 2]],
  ['JSON', { 'openapi.yaml': start('b.json#/x/0'), 'b.json': '{"x":[1]}' }, 1],
  ['a file without extension', { 'openapi.yaml': start('b#/x'), b: 'x: 1' }, 1],
  [
    'relative to the file it stands in',
    { 'openapi.yaml': start('a/b.yaml#/x'), 'a/b.yaml': 'x: { $ref: c.yaml }', 'a/c.yaml': 'here' },
    'here',
  ],
  ['and back', { 'openapi.yaml': `${start('a/b.yaml#/x')}y: back`, 'a/b.yaml': 'x: { $ref: ../openapi.yaml#/y }' }, 'back'],
  ['a circle over files', { 'openapi.yaml': start('b.yaml#/x'), 'b.yaml': 'x: { $ref: openapi.yaml#/start }' }, 'cyclic'],
  ['a name with spaces and more', { 'openapi.yaml': start('a%20b%23%3Fü.yaml#/x'), 'a b#?ü.yaml': 'x: 1' }, 1],
  ['a name with spaces as it is', { 'openapi.yaml': start('a b.yaml#/x'), 'a b.yaml': 'x: 1' }, 1],
  ['inside itself by its name', { 'openapi.yaml': `${start('openapi.yaml#/x')}x: 1` }, 1],
  ['a file that is not there', { 'openapi.yaml': start('b.yaml') }, 'not-found'],
  ['a folder', { 'openapi.yaml': start('a'), 'a/b': '' }, 'unreadable'],
  ['a file that is no YAML', { 'openapi.yaml': start('b.yaml'), 'b.yaml': 'x: [' }, 'unreadable'],
  ['an empty file', { 'openapi.yaml': start('b.yaml'), 'b.yaml': '' }, 'unreadable'],
  [
    'out of the folder',
    { 'a/openapi.yaml': start('x'), 'openapi.yaml': start('../../../../../../../../etc/passwd') },
    'outside-root',
  ],
  ['an absolute path', { 'openapi.yaml': start('/etc/passwd') }, 'outside-root'],
  ['a device', { 'openapi.yaml': start('file:///dev/zero') }, 'outside-root'],
  ['the network', { 'openapi.yaml': start('http://127.0.0.1:9/x.yaml') }, 'remote-not-allowed'],
  ['a host without scheme', { 'openapi.yaml': start('//127.0.0.1/x.yaml') }, 'unreadable'],
  ['a host with a port, which no file URI has', { 'openapi.yaml': start('//127.0.0.1:9/x.yaml') }, 'not-found'],
  ['another scheme', { 'openapi.yaml': start('ftp://127.0.0.1:9/x.yaml') }, 'unreadable'],
  ['data', { 'openapi.yaml': start('data:text/plain,x') }, 'unreadable'],
  ['a NUL', { 'openapi.yaml': start('a%00b') }, 'unreadable'],
  ['an encoded slash', { 'openapi.yaml': start('a%2Fb') }, 'unreadable'],
]

test.each(REFERENCES)('a reference to %s', async (_, contents, value) => {
  const place = await files(contents)
  expect(resolved(await readDescription(join(place, 'openapi.yaml')))).toEqual(value)
})

test('file references stay inside the root folder, which may be wider than the folder of the entry', async () => {
  const place = await files({ 'api/openapi.yaml': start('../shared/b.yaml'), 'shared/b.yaml': 'here' })
  const entry = join(place, 'api/openapi.yaml')
  expect(resolved(await readDescription(entry))).toBe('outside-root')
  expect(resolved(await readDescription(entry, { root: place }))).toBe('here')
  expect(resolved(await readDescription(entry, { root: join(place, 'api') }))).toBe('outside-root')
})

test('a folder whose name only begins like the root is outside', async () => {
  const place = await files({ 'api/openapi.yaml': start('../api-secret/b.yaml'), 'api-secret/b.yaml': 'here' })
  expect(resolved(await readDescription(join(place, 'api/openapi.yaml')))).toBe('outside-root')
})

test('symbolic links: inside they are followed, out of the root they are not', async () => {
  const place = await files({
    'openapi.yaml': start('in.yaml'),
    'out.yaml': start('secret.yaml'),
    'real/b.yaml': 'here',
    'via.yaml': start('linked/x.yaml'),
  })
  await writeFile(join(outside, 'x.yaml'), 'secret')
  await symlink(join(place, 'real/b.yaml'), join(place, 'in.yaml'))
  await symlink(join(outside, 'x.yaml'), join(place, 'secret.yaml'))
  await symlink(outside, join(place, 'linked'))
  expect(resolved(await readDescription(join(place, 'openapi.yaml')))).toBe('here')
  expect(resolved(await readDescription(join(place, 'out.yaml')))).toBe('outside-root')
  expect(resolved(await readDescription(join(place, 'via.yaml')))).toBe('outside-root')
})

test('only files that are referred to are read', async () => {
  const place = await files({ 'openapi.yaml': start('b.yaml#/x'), 'b.yaml': 'x: 1', 'c.yaml': 'x: [' })
  const description = await readDescription(join(place, 'openapi.yaml'))
  expect([...description.files.keys()].map((uri) => uri.split('/').at(-1))).toEqual(['openapi.yaml', 'b.yaml'])
})

test('files are named as the entry document was', async () => {
  const place = await files({ 'a/openapi.yaml': start('b.yaml#/x'), 'a/b.yaml': 'x: 1' })
  const path = relative(process.cwd(), join(place, 'a/openapi.yaml'))
  const description = await readDescription(path)
  expect([...description.files.values()].map(({ name }) => name)).toEqual([path, join(dirname(path), 'b.yaml')])
})

test('a path, a URL, its text: all are read', async () => {
  const place = await files({ 'openapi.yaml': start('b.yaml'), 'b.yaml': 'here' })
  const entry = join(place, 'openapi.yaml')
  expect(resolved(await readDescription(entry))).toBe('here')
  expect(resolved(await readDescription(pathToFileURL(entry)))).toBe('here')
  expect(resolved(await readDescription(pathToFileURL(entry).href))).toBe('here')
})

const TEXTS: string[] = ['openapi: 3.1.0', '{"openapi":"3.1.0"}', '\n  "openapi": 3.1.0\n', 'info: {}\nopenapi: 3.1.0']

test.each(TEXTS)('%j is a text, not a path', async (text) => {
  const description = await readDescription(text)
  expect(description.version).toBe('3.1')
  expect(description.file.name).toBe('<text>')
})

test('a text or an object has no place, unless it is told', async () => {
  const place = await files({ 'b.yaml': 'here' })
  const text = start('b.yaml')
  expect(resolved(await readDescription(text))).toBe('not-found')
  expect(resolved(await readDescription(text, { file: join(place, 'openapi.yaml') }))).toBe('here')
  expect(resolved(await readDescription(text, { file: pathToFileURL(join(place, 'openapi.yaml')).href }))).toBe('here')
  expect(
    resolved(await readDescription({ openapi: '3.1.0', start: { $ref: 'b.yaml' } }, { file: join(place, 'openapi.yaml') })),
  ).toBe('here')
})

test('a text without a place has no root folder either, unless it is given', async () => {
  const place = await files({ 'b.yaml': 'here' })
  const text = start(pathToFileURL(join(place, 'b.yaml')).href)
  expect(resolved(await readDescription(text))).toBe('outside-root')
  expect(resolved(await readDescription(text, { root: place }))).toBe('here')
  expect(resolved(await readDescription(text, { file: join(place, 'no/such/folder/openapi.yaml') }))).toBe('outside-root')
  expect((await failure(text, { root: join(place, 'gone') })).message).toMatch(/root folder that exists/)
})

test('an object is taken as it is: not copied, not changed, without positions', async () => {
  const place = await files({ 'b.yaml': 'post: { operationId: p }' })
  const object = { openapi: '3.1.0', paths: { '/a': { $ref: 'b.yaml' } }, deep: Object.freeze({ x: Object.freeze([1]) }) }
  const before = structuredClone(object)
  const description = await readDescription(Object.freeze(object), { file: join(place, 'openapi.yaml') })
  expect(description.root.value).toBe(object)
  expect(object).toEqual(before)
  expect(operationsOf(description).map(({ operationId }) => operationId)).toEqual(['p'])
  expect(rangeOf(description.root)).toBeUndefined()
})

test('an object that contains itself', async () => {
  const object: Record<string, unknown> = { openapi: '3.1.0', start: { $ref: '#/x' }, x: 1 }
  object.self = object
  expect(resolved(await readDescription(object))).toBe(1)
})

const MISUSE: unknown[] = [undefined, null, 5, true, new Uint8Array([1]), Symbol('x')]

test.each(MISUSE)('misuse: %s', async (input) => {
  await expect(readDescription(input as string)).rejects.toThrow(TypeError)
})

const UNREADABLE: [name: string, content: string | Uint8Array, message: RegExp][] = [
  ['empty', '', /empty/],
  ['binary', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0xff]), /not UTF-8/],
  ['NUL', new Uint8Array([0x61, 0x00]), /binary/],
  ['OAS 2.0', 'swagger: "2.0"\n', /Convert/],
  ['not YAML', 'openapi: 3.1.0\npaths: [\n', /unexpected end/],
  ['too large', `openapi: 3.1.0\nx: ${'a'.repeat(5_000)}`, /at most 1000 bytes/],
]

test.each(UNREADABLE)('an entry document that cannot be read is one DocumentError: %s', async (_, content, message) => {
  const place = await files({ 'openapi.yaml': content })
  const error = await failure(join(place, 'openapi.yaml'), { maxBytes: 1_000 })
  expect(error.message).toMatch(message)
  expect(error.code).toBe('ERR_DOCUMENT_UNREADABLE')
  expect(error.file).toBe(join(place, 'openapi.yaml'))
})

const NOT_THERE: [name: string, input: string][] = [
  ['no such file', '/nowhere/at/all.yaml'],
  ['a folder', tmpdir()],
  ['a device', '/dev/zero'],
  ['the network', 'https://127.0.0.1:9/openapi.yaml'],
]

test.each(NOT_THERE)('an entry document that is not there: %s', async (_, input) => {
  expect((await failure(input)).file).toBe(input)
})

test('UTF-16 with a byte order mark, UTF-8 with one', async () => {
  const text = start('#/x')
  const place = await files({
    'utf16le.yaml': Buffer.from(`\uFEFF${text}x: é`, 'utf16le'),
    'utf16be.yaml': Buffer.from(`\uFEFF${text}x: é`, 'utf16le').swap16(),
    'utf8.yaml': `\uFEFF${text}x: é`,
  })
  for (const name of ['utf16le.yaml', 'utf16be.yaml', 'utf8.yaml'])
    expect(resolved(await readDescription(join(place, name)))).toBe('é')
})

test('limits hold for all files together', async () => {
  const large = `x: ${'a'.repeat(1_000)}`
  const place = await files({ 'openapi.yaml': `${start('b.yaml#/x')}y: { $ref: c.yaml }\n`, 'b.yaml': large, 'c.yaml': large })
  const description = await readDescription(join(place, 'openapi.yaml'), { maxBytes: 1_800 })
  expect([...description.unavailable.values()]).toMatchObject([{ reason: 'unreadable' }])
  const few = await readDescription(join(place, 'openapi.yaml'), { maxFiles: 2 })
  expect([...few.unavailable.values()]).toMatchObject([{ reason: 'unreadable', message: expect.stringContaining('maxFiles') }])
})

test('three hundred files in a chain, and three hundred at once', async () => {
  const contents: Record<string, string> = {
    'openapi.yaml': `${start('f0.yaml')}all: [${Array.from({ length: 300 }, (_, i) => `{ $ref: g${i}.yaml }`).join(', ')}]\n`,
  }
  for (let i = 0; i < 300; i++) {
    contents[`f${i}.yaml`] = i === 299 ? 'end' : `$ref: f${i + 1}.yaml`
    contents[`g${i}.yaml`] = `${i}`
  }
  const place = await files(contents)
  const description = await readDescription(join(place, 'openapi.yaml'))
  expect(resolved(description)).toBe('end')
  expect(description.files.size).toBe(601)
  expect(descend(description.root, ['all', '299'])).toBeDefined()
})

test('OAS 3.2: what stands beside $self is read from beside the document', async () => {
  const place = await files({
    'openapi.yaml': `${start('schemas/b.yaml#/x', '3.2.0')}$self: https://api.example/v1/openapi\npaths: { /a: { post: { callbacks: { c: { $ref: 'https://api.example/v1/callbacks.yaml#/c' } } } } }\n`,
    'schemas/b.yaml': 'x: { $ref: "../openapi#/info" }',
    'callbacks.yaml': 'c: { "{$url}": { post: {} } }',
  })
  const description = await readDescription(join(place, 'openapi.yaml'))
  const [operation] = operationsOf(description)
  expect(operation && callbacksOf(operation)[0]?.keys.map(({ key }) => key)).toEqual(['{$url}'])
  // `#/info` is not there: the document itself was found under its own URI.
  expect(resolved(description)).toBe('not-found')
  expect([...description.unavailable.keys()]).toEqual([])
})

test('links and discriminators refer to files as well', async () => {
  const place = await files({
    'openapi.yaml':
      'openapi: 3.1.0\na: { operationRef: "b.yaml#/paths/~1x/get" }\nb: { discriminator: { mapping: { c: c.yaml, d: Dog } } }\n',
    'b.yaml': 'x: 1',
    'c.yaml': 'x: 1',
  })
  const description = await readDescription(join(place, 'openapi.yaml'))
  expect([...description.files.values()].map(({ name }) => name.split('/').at(-1)).sort()).toEqual([
    'b.yaml',
    'c.yaml',
    'openapi.yaml',
  ])
  expect(description.unavailable.size).toBe(0)
})

async function listening(answers: Record<string, string>): Promise<{ server: Server; url: string; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const answer = answers[request.url ?? '']
    response.writeHead(answer === undefined ? 404 : 200).end(answer)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const reader = {
  async read(uri: string): Promise<Uint8Array> {
    const response = await fetch(uri)
    if (!response.ok) throw new Error(`status ${response.status}`)
    return new Uint8Array(await response.arrayBuffer())
  },
}

test('http references are read only when they are allowed, and through the given reader', async () => {
  const { server, url, asked } = await listening({
    '/a/x.yaml': 'x: { $ref: y.yaml#/y }',
    '/a/y.yaml': 'y: there',
    '/file.yaml': `$ref: file:///etc/passwd`,
    '/openapi.yaml': start('a/x.yaml#/x'),
  })
  try {
    const entry = start(`${url}/a/x.yaml#/x`)
    expect(resolved(await readDescription(entry))).toBe('remote-not-allowed')
    expect(resolved(await readDescription(entry, { remoteReader: reader }))).toBe('remote-not-allowed')
    expect(asked).toEqual([])
    expect(resolved(await readDescription(entry, { allowRemote: true, remoteReader: reader }))).toBe('there')
    expect(asked).toEqual(['/a/x.yaml', '/a/y.yaml'])
    expect(resolved(await readDescription(start(`${url}/gone.yaml`), { allowRemote: true, remoteReader: reader }))).toBe(
      'unreadable',
    )
    expect(resolved(await readDescription(new URL(`${url}/openapi.yaml`), { allowRemote: true, remoteReader: reader }))).toBe(
      'there',
    )
    // What came over the network must not make us open files.
    expect(resolved(await readDescription(start(`${url}/file.yaml`), { allowRemote: true, remoteReader: reader }))).toBe(
      'outside-root',
    )
  } finally {
    server.close()
  }
})
