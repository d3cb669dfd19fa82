import {
  type CreateOptions,
  createReceiver,
  gcpCallbacks,
  type InboundAuth,
  injectCallbackUrl,
  type OpenApiOptions,
  type ReceiverOptions,
  type Reply,
  type WaitOptions,
} from 'ringback/receiver'
import { describe, expect, test } from 'vitest'
import { bench, requestOf } from './support.ts'

describe('a secret that is not there opens nothing', () => {
  const missing = undefined as unknown as string
  const AUTHS: [auth: InboundAuth | InboundAuth[], message: string][] = [
    [[], 'at least one way'],
    [{ type: 'bearer', token: '' }, 'empty text'],
    [{ type: 'bearer', token: ' ' }, 'empty text'],
    [{ type: 'bearer', token: [] }, 'empty list'],
    [{ type: 'bearer', token: ['a', ''] }, 'empty text'],
    [{ type: 'bearer', token: missing }, 'found undefined'],
    [{ type: 'basic', username: 'a', password: '' }, 'empty text'],
    [{ type: 'basic', username: 'a', password: missing }, 'found undefined'],
    [{ type: 'basic', username: missing, password: 'b' }, 'Expected a username'],
    [{ type: 'hmac', secret: '', header: 'x-sig' }, 'empty text'],
    [{ type: 'hmac', secret: missing, header: 'x-sig' }, 'found undefined'],
    [{ type: 'hmac', secret: 'a', header: 'x sig' }, 'name of a field'],
    [{ type: 'hmac', secret: 'a', header: missing }, 'name of a field'],
    [{ type: 'hmac', secret: 'a', header: 'x-sig', algorithm: 'md5' as 'sha256' }, 'sha256 or sha512'],
    [{ type: 'hmac', secret: 'a', header: 'x-sig', encoding: 'latin1' as 'hex' }, 'hex or base64'],
    [{ type: 'standard-webhooks', secret: '' }, 'whsec_'],
    [{ type: 'custom', verify: missing as unknown as () => boolean }, 'function'],
    [{ type: 'Bearer', token: 'sesame' } as unknown as InboundAuth, 'but found "Bearer"'],
    [{ type: ['sesame'] } as unknown as InboundAuth, 'but found object'],
    [{ token: 'sesame' } as unknown as InboundAuth, 'but found undefined'],
    ['Bearer sesame' as unknown as InboundAuth, 'but found no object'],
    [null as unknown as InboundAuth, 'but found no object'],
    [{ type: 'hmac', secret: 'sesame', header: 'x-s', prefx: 'a=' } as InboundAuth, 'did you mean "prefix"?'],
    [{ type: 'custom', verify: () => true, token: 'sesame' } as InboundAuth, 'to have no "token"'],
  ]
  test.each(AUTHS)('%j', async (auth, message) => {
    const created = bench().receiver.create({ auth })
    await expect(created).rejects.toThrow(TypeError)
    await expect(created).rejects.toThrow(message)
    await expect(created).rejects.not.toThrow('sesame')
  })
})

describe('a reply that HTTP cannot carry is refused where it is given', () => {
  const read = new Response('a')
  const REPLIES: [name: string, reply: () => Reply][] = [
    ['Response.error()', () => Response.error()],
    ['a Response that was read', () => read],
    ['status 99', () => ({ status: 99 })],
    ['status 101', () => ({ status: 101 })],
    ['json and body', () => ({ status: 200, json: 1, body: 'a' })],
    ['a header with a line feed', () => ({ status: 200, headers: { 'x-a': 'b\nc' } })],
    ['a delay that is none', () => ({ status: 200, delay: 'soon' as '1s' })],
    ['no object', () => 200 as unknown as Reply],
  ]
  test.each(REPLIES)('%s', async (_, reply) => {
    await read.text().catch(() => {})
    const { receiver, send } = bench()
    await expect(receiver.create({ respond: reply() })).rejects.toBeInstanceOf(TypeError)
    const cb = await receiver.create()
    expect(() => cb.respondNext(reply())).toThrow(TypeError)
    expect((await send(cb)).status).toBe(200)
  })
})

test('handle() tells who has locked the body, instead of rejecting', async () => {
  const { receiver } = bench()
  const cb = await receiver.create()
  const request = requestOf(cb.url, { body: {} })
  request.body?.getReader()
  const response = await receiver.handle(request)
  expect([response.status, await response.text()]).toEqual([500, expect.stringContaining('before express.json()')])
})

test('the confirm page is not shown inside of another page', async () => {
  const { receiver, send } = bench()
  const cb = await receiver.create({ method: 'GET', confirm: true } satisfies CreateOptions)
  const { headers } = await send(cb, { method: 'GET' })
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
})

const WAITS: [options: unknown, message: string][] = [
  ['5s', 'to be an object but found string'],
  [5000, 'to be an object but found number'],
  [null, 'to be an object but found null'],
  [{ tiemout: '5s' }, 'did you mean "timeout"?'],
]

const NESTED: [options: object, message: string][] = [
  [{ dedupe: { header: ['x'] } }, 'did you mean "headers"?'],
  [{ dedupe: { headers: 'x-id' } }, 'dedupe.headers to be a list of texts but found string'],
  [{ dedupe: { headers: [1] } }, 'found others in it'],
  [{ dedupe: true }, 'dedupe to be an object but found boolean'],
  [{ dedupe: {} }, 'headers or key'],
  [{ dedupe: { key: 'a' } }, 'dedupe.key to be a function but found string'],
  [{ dedupe: { key: async () => 'k' } }, 'found an async one'],
  [{ claimCheck: {} }, 'claimCheck.fetch to be a function but found undefined'],
  [{ claimCheck: { fech: () => 1 } }, 'did you mean "fetch"?'],
  [{ claimCheck: { fetch: () => 1, param: 1 } }, 'claimCheck.param to be text but found number'],
  [{ confirm: { htm: () => '' } }, 'did you mean "html"?'],
  [{ confirm: { html: '<p>' } }, 'confirm.html to be a function but found string'],
  [{ challenges: { cloudEvent: true } }, 'did you mean "cloudEvents"?'],
  [{ challenges: { cloudEvents: 'https://a.example' } }, 'challenges.cloudEvents to be a list of texts'],
]

test('a dedupe.key that gives null has none; one that gives no text is a 500, and no call is taken for another', async () => {
  const { receiver, send, events } = bench()
  for (const [given, statuses] of [
    [null, [200, 200]],
    [Promise.resolve('a'), [500, 500]],
    [7, [500, 500]],
  ] as const) {
    const cb = await receiver.create({ dedupe: { key: () => given as unknown as string } })
    expect([(await send(cb, { body: 1 })).status, (await send(cb, { body: 2 })).status]).toEqual(statuses)
    expect((await cb.status()).accepted).toBe(given === null ? 2 : 0)
  }
  expect(events.filter(({ type, detail }) => type === 'failed' && detail === 'TypeError')).toHaveLength(4)
})

describe('what JavaScript lets through is told in words', () => {
  const baseUrl = 'https://hooks.example.org'
  const parsed = { openapi: '3.1.0', paths: {} } as unknown as OpenApiOptions['description']
  const MISTAKES: [name: string, make: () => unknown, message: string][] = [
    ['createReceiver()', () => createReceiver(undefined as unknown as ReceiverOptions), 'to be an object but found undefined'],
    ['a misspelt limit', () => createReceiver({ baseUrl, limits: { maxBody: 1 } as object }), 'did you mean "maxBodyBytes"?'],
    ['a misspelt option', () => createReceiver({ baseUrl, storee: 1 } as ReceiverOptions), 'did you mean "store"?'],
    ['slot', () => bench().receiver.create({ slot: 1 } as CreateOptions), 'did you mean "slots"?'],
    ['ttl', () => bench().receiver.create({ ttl: 1 } as CreateOptions), 'there are method, slots'],
    ['sweepEvery', () => createReceiver({ baseUrl, sweepEvery: 0 }), 'Expected sweepEvery to be at least 1 ms, or false'],
    ...WAITS.flatMap(([options, message]): [string, () => unknown, string][] => [
      [`next(${JSON.stringify(options)})`, async () => (await bench().receiver.create()).next(options as WaitOptions), message],
      [
        `take(${JSON.stringify(options)})`,
        async () => (await bench().receiver.create()).take(1, options as WaitOptions),
        message,
      ],
    ]),
    ...NESTED.map(([options, message]): [string, () => unknown, string] => [
      JSON.stringify(options),
      () => bench().receiver.create(options as CreateOptions),
      message,
    ]),
    [
      'a parsed document',
      () => bench().receiver.createFromOpenAPI({ description: parsed, operation: 'a' }),
      'what readDescription() or parseDescription() gives but found something else',
    ],
    [
      'the option document',
      () => bench().receiver.createFromOpenAPI({ document: parsed, operation: 'a' } as unknown as OpenApiOptions),
      'Expected the options of createFromOpenAPI() to have no "document"',
    ],
    [
      'no description to inject by',
      () =>
        injectCallbackUrl({ method: 'POST', url: '/', headers: {} }, { operation: 'a' } as OpenApiOptions, 'https://a.example'),
      'but found none',
    ],
    ['open()', () => bench().receiver.open(undefined as unknown as string), 'found undefined'],
    [
      'await_callback()',
      () => gcpCallbacks(bench().receiver).await_callback(undefined as unknown as { callback: { url: string } }),
      'what create_callback_endpoint returned',
    ],
  ]
  test.each(MISTAKES)('%s', async (_, make, message) => {
    const made = (async () => make())()
    await expect(made).rejects.toThrow(message)
    await expect(made).rejects.toThrow(/Expected/)
  })
})
