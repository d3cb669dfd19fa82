import { type CallbackOptions, type CallbackProblem, nodeCallbacks } from 'ringback/node'
import { describe, expect, test } from 'vitest'

const callbacks = { done: { '{$request.body#/url}': { post: { responses: {} } } } }
const requestBody = { content: { 'application/json': {} } }
const post = { requestBody, responses: { 200: { description: 'Yes.' } }, callbacks }

function documentAt(...servers: readonly string[]): object {
  return {
    openapi: '3.1.0',
    info: { title: 'A', version: '1' },
    servers: servers.map((url) => ({ url })),
    paths: { '/orders/{id}': { post: { ...post, operationId: 'order' } }, '/plain': { post: { responses: post.responses } } },
  }
}

/** Sends requests through, and says what was told. */
async function toldOf(description: object, urls: readonly string[], options: Partial<CallbackOptions> = {}) {
  const told: CallbackProblem[] = []
  const handle = nodeCallbacks(() => {}, {
    description,
    fire: () => {},
    onStart: () => {},
    onError: (problem) => void told.push(problem),
    ...options,
  })
  const { text, basePaths } = await handle.ready
  for (const url of urls) handle({ method: 'POST', url, headers: {}, socket: {} } as never, { on() {} } as never)
  return { told, text, basePaths }
}

describe('a request that would be for an operation with callbacks under another path', () => {
  const v1 = documentAt('https://api.example/v1')
  const UNDER: [urls: readonly string[], basePath: string | undefined, told: number, message: RegExp][] = [
    [['/orders/7', '/orders/8'], undefined, 1, /for POST \/orders\/\{id\} came without "\/v1".*basePath: ''/],
    [['http://host.example/orders/7?x=needle'], undefined, 1, /without "\/v1"/],
    [['/v1/orders/7'], '', 1, /under "\/v1", as "servers" says, and not under the "basePath" ""/],
    [['/v1/orders/7'], '/api', 1, /not under the "basePath" "\/api".*Leave "basePath" out/],
    [['/v1/orders/7', '/v1/plain'], undefined, 0, /./],
    [['/orders/7'], '', 0, /./],
    [['/plain', '/', '/nothing', '/v2/orders/7', '*', ''], undefined, 0, /./],
  ]
  test.each(UNDER)('%j with the base path %j', async (urls, basePath, count, message) => {
    const { told } = await toldOf(v1, urls, basePath === undefined ? {} : { basePath })
    expect(told).toHaveLength(count)
    for (const one of told) {
      expect(one).toMatchObject({ kind: 'base-path', operation: 'order', message: expect.stringMatching(message) })
      expect(one.message).not.toContain('needle')
    }
  })

  test('a server among several, and one with a variable', async () => {
    const { told } = await toldOf(documentAt('https://a.example/v1', '/{version}'), ['/orders/7'])
    // "/{version}" matches nothing here: "orders" would be the version.
    expect(told.map(({ kind }) => kind)).toEqual(['base-path'])
  })

  test('is looked for a thousand times, and no more', async () => {
    const { told } = await toldOf(v1, [...Array<string>(1000).fill('/nothing'), '/orders/7'])
    expect(told).toEqual([])
  })
})

const STARTS: [servers: readonly string[], basePath: string | undefined, head: string][] = [
  [[], undefined, '<object>: 1 operation, 1 callback, 0 problems'],
  [['https://a.example/'], undefined, '<object>: 1 operation, 1 callback, 0 problems'],
  [['https://a.example/v1'], undefined, '<object>: 1 operation, 1 callback, 0 problems, under /v1'],
  [['https://a.example/v1', 'https://b.example'], undefined, '<object>: 1 operation, 1 callback, 0 problems, under /v1 and /'],
  [['https://a.example/v1'], '', '<object>: 1 operation, 1 callback, 0 problems'],
  [['https://a.example/v1'], '/api', '<object>: 1 operation, 1 callback, 0 problems, under /api'],
]
test.each(STARTS)('the start line with servers %j and base path %j', async (servers, basePath, head) => {
  expect((await toldOf(documentAt(...servers), [], basePath === undefined ? {} : { basePath })).text.split('\n')[0]).toBe(head)
})
