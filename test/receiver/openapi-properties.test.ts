import { buildCallbackRequest, type CallbackRequest, parseDescription, resolveCallbacks } from 'ringback'
import { injectCallbackUrl } from 'ringback/receiver'
import { expect, test } from 'vitest'
import fc from '../support/fast-check.ts'
import { bench, json } from './support.ts'

/** What a sender of ours makes of a request that asks for a callback. */
function sent(
  document: object,
  url: string,
  body: Record<string, unknown>,
  options: { parameters?: Record<string, unknown> } = {},
): CallbackRequest {
  const target = { description: parseDescription(JSON.stringify(document)), operation: 'subscribe' }
  const request = injectCallbackUrl(
    { method: 'POST', url: 'https://api.example/s', headers: json, query: {}, path: {}, body },
    target,
    url,
  )
  const [resolved] = resolveCallbacks(target.description, 'subscribe', { id: '1', request })
  if (resolved?.target.ok !== true) throw new Error(`no target: ${JSON.stringify(resolved?.target)}`)
  return buildCallbackRequest(resolved.target.value, { description: target.description, ...options })
}

const requestOf = ({ method, url, headers, body }: CallbackRequest): Request =>
  new Request(url, { method, headers: Object.entries(headers) as [string, string][], body: body?.slice() ?? null })

const documentWith = (key: string, post: object): object => ({
  openapi: '3.1.0',
  info: { title: 't', version: '1' },
  paths: {
    '/s': {
      post: { operationId: 'subscribe', responses: {}, callbacks: { a: { [key]: { post: { responses: {}, ...post } } } } },
    },
  },
})

/** A path segment that is `.` or `..` is refused by who resolves the key, and an empty one is lost in some URLs. */
const segment = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((text) => !/^\.{1,2}$/.test(text))
const part = fc.constantFrom(
  '/',
  '/a',
  '/{$request.body#/p}',
  '/x-{$request.body#/p}.json',
  '/a/{$request.body#/p}-{$request.body#/q}',
)
const query = fc.constantFrom('', '?a=1', '?q={$request.body#/q}', '?a=b&q=x{$request.body#/q}y&p={$request.body#/p}', '#f')

test('what our own sender makes of a key is what a bound endpoint expects, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 3 }), query, segment, segment, async (path, search, p, q) => {
      const key = `{$request.body#/url}${path.join('')}${search}`
      const document = documentWith(key, {})
      const { receiver } = bench()
      const description = parseDescription(JSON.stringify(document))
      const cb = await receiver.createFromOpenAPI({ description, operation: 'subscribe' })
      await cb.bind({ request: { body: { url: cb.url, p, q } } })
      const right = await receiver.handle(requestOf(sent(document, cb.url, { p, q })))
      expect([key, right.status, (await cb.rejections())[0]?.detail]).toEqual([key, 200, undefined])
      const other = `${p}!`
      if (key.includes('#/p}')) {
        const wrong = await receiver.handle(requestOf(sent(document, cb.url, { p: other, q })))
        // Two values side by side can be told apart only where the text between them does.
        if (!key.includes('-{')) expect(wrong.status).toBe(422)
      }
      await receiver[Symbol.asyncDispose]()
    }),
    { numRuns: 60 },
  )
})

const text = fc
  .string({ minLength: 1, maxLength: 8 })
  .map((one) => one.trim())
  .filter((one) => one !== '')
/** What a style cannot tell from its own separators, unless they are percent-encoded. */
const word = fc.stringMatching(/^[a-z0-9]{1,6}$/)
const STYLES: [name: string, parameter: Record<string, unknown>, value: fc.Arbitrary<unknown>, type: string][] = [
  ['query form', { in: 'query' }, text, 'string'],
  ['query form, list', { in: 'query' }, fc.array(text, { minLength: 1, maxLength: 4 }), 'array'],
  ['query form, list in one', { in: 'query', explode: false }, fc.array(text, { minLength: 1, maxLength: 4 }), 'array'],
  [
    'query pipes',
    { in: 'query', style: 'pipeDelimited', explode: false },
    fc.array(word, { minLength: 1, maxLength: 4 }),
    'array',
  ],
  [
    'query blanks',
    { in: 'query', style: 'spaceDelimited', explode: false },
    fc.array(word, { minLength: 1, maxLength: 4 }),
    'array',
  ],
  ['query object', { in: 'query' }, fc.record({ a: text, b: text }), 'object'],
  ['query object in one', { in: 'query', explode: false }, fc.record({ a: text, b: text }), 'object'],
  ['query deep object', { in: 'query', style: 'deepObject', explode: true }, fc.record({ a: text, b: text }), 'object'],
  ['header', { in: 'header' }, word, 'string'],
  ['header, list', { in: 'header' }, fc.array(word, { minLength: 1, maxLength: 4 }), 'array'],
  ['header, object', { in: 'header' }, fc.record({ a: word, b: word }), 'object'],
  ['header, exploded object', { in: 'header', explode: true }, fc.record({ a: word, b: word }), 'object'],
  ['cookie', { in: 'cookie' }, word, 'string'],
  ['query JSON', { in: 'query', json: true }, fc.record({ a: fc.string(), b: fc.integer() }), 'object'],
]
test.each(STYLES)(
  'a parameter is read as our own sender writes it: %s',
  async (_name, { json: isJson, ...parameter }, values, type) => {
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        const properties =
          type === 'object' ? { properties: { a: {}, b: {} } } : type === 'array' ? { items: { type: 'string' } } : {}
        const schema = { type, ...properties, enum: [value] }
        const held = isJson === true ? { content: { 'application/json': { schema } } } : { schema }
        const document = documentWith('{$request.body#/url}', {
          parameters: [{ name: 'X-P', required: true, ...parameter, ...held }],
        })
        const { receiver } = bench()
        const cb = await receiver.createFromOpenAPI({
          description: parseDescription(JSON.stringify(document)),
          operation: 'subscribe',
        })
        const response = await receiver.handle(requestOf(sent(document, cb.url, {}, { parameters: { 'X-P': value } })))
        expect([response.status, (await cb.rejections())[0]?.detail]).toEqual([200, undefined])
        await receiver[Symbol.asyncDispose]()
      }),
      { numRuns: 12 },
    )
  },
)
