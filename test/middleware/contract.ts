import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { createDispatcher, memoryStore } from 'ringback/dispatcher'
import type { CallbackOptions, RequestCallbacks } from 'ringback/node'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Answer, Behaviour, Harness, Routing } from './app.ts'
import { benchOf, canaryUrl, created, echo, hook, order, type Routes } from './bench.ts'
import { document } from './document.ts'
import { dial, jsonPost, rawRequest, rest, talk } from './raw-client.ts'
import { arrived } from './servers.ts'
import { deferred } from './wait.ts'

const hooks = 'http://hooks.example.com'
const echoHandlers = { createOrder: { orderAccepted: echo }, echo: { echoed: echo } }

/** What is fired, for every adapter, over real sockets. */
export function firingContract(harness: Harness): void {
  const lacks = (what: string): boolean => harness.lacks?.some((one) => one === what) ?? false

  describe(`${harness.name}: what is fired`, () => {
    const bench = benchOf(harness)

    test('a handler sees the request and the response, and its body goes where the key says', async () => {
      const port = await bench.begin([['POST', '/orders', created]], { handlers: echoHandlers })
      const answer = await talk(port, jsonPost('/v1/orders?a=1&a=2&b=%26', order))
      expect(answer).toMatch(/^HTTP\/1.1 201 /)
      await bench.sink.reaches(1)
      expect(bench.sink.urls()).toEqual([hook])
      expect(bench.sink.bodies()).toEqual([
        { asked: order, answered: { id: 'o1' }, query: { a: ['1', '2'], b: '&' }, status: 201 },
      ])
    })

    test('send is sent after the response, whether there is a handler or not', async () => {
      let sentBefore = -1
      const use = (callbacks: RequestCallbacks): void => {
        callbacks.send('orderShipped', { body: { late: true } })
        sentBefore = bench.sink.count
      }
      const port = await bench.begin([['POST', '/orders', { ...created, use }]])
      await talk(port, jsonPost('/v1/orders', order))
      await bench.sink.reaches(1)
      expect(bench.sink.urls()).toEqual([`${hook}/shipped/o1`])
      expect(bench.sink.bodies()).toEqual([{ late: true }])
      expect(sentBefore).toBe(0)
    })

    test('send sends as often as it is called, beside a handler and after the response', async () => {
      let kept: RequestCallbacks | undefined
      const use = (callbacks: RequestCallbacks): void => {
        kept = callbacks
        for (const n of [1, 2]) callbacks.send('orderAccepted', { body: { n } })
        for (const m of [1, 2]) callbacks.send('orderShipped', { body: { m } })
      }
      const handler = async (): Promise<{ body: object }> => ({ body: { n: 0 } })
      const port = await bench.begin([['POST', '/orders', { ...created, use }]], {
        handlers: { createOrder: { orderAccepted: handler } },
      })
      await talk(port, jsonPost('/v1/orders', order))
      await bench.sink.reaches(5)
      kept?.send('orderAccepted', { body: { n: 3 } })
      await bench.sink.reaches(6)
      expect(bench.sink.problems).toEqual([])
      const byBody = new Map(bench.sink.requests.map(({ id, body }) => [String(body && Buffer.from(body)), id]))
      const [accepted, shipped] = [byBody.get('{"n":0}'), byBody.get('{"m":1}')]
      expect(Object.fromEntries(byBody)).toEqual({
        '{"n":0}': accepted,
        '{"n":1}': `${accepted}_2`,
        '{"n":2}': `${accepted}_3`,
        '{"n":3}': `${accepted}_4`,
        '{"m":1}': shipped,
        '{"m":2}': `${shipped}_2`,
      })
    })

    test('what is changed after send is not sent', async () => {
      const use = (callbacks: RequestCallbacks): void => {
        const [bytes, item] = [Buffer.from('abc'), { n: 1 }]
        const body: Record<string, unknown> = {
          item,
          items: [item, item],
          bytes,
          at: new Date(0),
          ...JSON.parse('{"__proto__":1}'),
        }
        const content = { body, delayMs: 1 }
        callbacks.send('orderAccepted', content)
        content.body = {}
        item.n = 2
        bytes[0] = 0
        body.more = true
        const cyclic: Record<string, unknown> = {}
        cyclic.self = cyclic
        callbacks.send('orderShipped', { body: cyclic })
      }
      const port = await bench.begin([['POST', '/orders', { ...created, use }]])
      await talk(port, jsonPost('/v1/orders', order))
      await bench.sink.reaches(2)
      const bytes = { type: 'Buffer', data: [97, 98, 99] }
      const wanted = { item: { n: 1 }, items: [{ n: 1 }, { n: 1 }], bytes, at: '1970-01-01T00:00:00.000Z' }
      expect(bench.sink.bodies()).toEqual([{ ...wanted, ...JSON.parse('{"__proto__":1}') }])
      expect(bench.sink.problems).toMatchObject([{ kind: 'unbuildable', callback: 'orderShipped' }])
    })

    test('a handler may answer with any thenable', async () => {
      const thenable = { then: (resolve: (content: object) => void) => resolve({ body: { then: true } }) }
      const port = await bench.begin([['POST', '/orders', created]], {
        handlers: { createOrder: { orderAccepted: () => thenable as never } },
      })
      await talk(port, jsonPost('/v1/orders', order))
      await bench.sink.reaches(1)
      expect(bench.sink.bodies()).toEqual([{ then: true }])
    })

    const NO_CONTENT: [name: string, given: unknown, found: string][] = [
      ['null', null, 'null'],
      ['text', 'accepted', 'string'],
      ['a number', 0, 'number'],
      ['an array', [{ body: {} }], '[object Array]'],
      ['bytes', Buffer.from('{}'), '[object Uint8Array]'],
      ['a Map', new Map([['body', {}]]), '[object Map]'],
      ['a body as it is', { state: 'accepted' }, 'an object with "state"'],
      ['a misspelt member', { body: {}, headers: { 'X-Kind': 'a' } }, 'an object with "headers"'],
    ]
    test.each(NO_CONTENT)('what is no content is told, and the others are sent: %s', async (_name, given, found) => {
      const use = (callbacks: RequestCallbacks): void => {
        callbacks.send('orderAccepted', given as never)
        callbacks.send('orderShipped', { body: { sent: true } })
      }
      const port = await bench.begin([['POST', '/orders', { ...created, use }]], {
        handlers: { createOrder: { orderAccepted: () => given as never } },
      })
      expect(await talk(port, jsonPost('/v1/orders', order))).toMatch(/^HTTP\/1.1 201 /)
      await bench.sink.reaches(3)
      expect(bench.sink.urls()).toEqual([`${hook}/shipped/o1`])
      const problem = { kind: 'handler', callback: 'orderAccepted', message: expect.stringContaining(`found ${found}.`) }
      expect(bench.sink.problems).toMatchObject([problem, problem])
    })

    test('parameters of parent routers are those of the path', async () => {
      const add: Behaviour = { answer: { kind: 'json', status: 200, body: {} } }
      const port = await bench.begin([['POST', '/orders/{orderId}/items/{itemId}', add]], {
        handlers: { addItem: { added: ({ exchange }) => ({ body: exchange.request.path }) } },
      })
      await talk(port, rawRequest('POST', '/v1/orders/a%2Fb/items/%C3%A9?x=1'))
      await bench.sink.reaches(1)
      expect(bench.sink.urls()).toEqual([`${hooks}/a%2Fb/%C3%A9?m=POST`])
      expect(bench.sink.bodies()).toEqual([{ orderId: 'a/b', itemId: 'é' }])
    })

    test('keys read header fields and the status', async () => {
      const start: Behaviour = { answer: { kind: 'json', status: 202, headers: { Location: '/jobs/7?a=b' }, body: {} } }
      const port = await bench.begin([['POST', '/jobs', start]], { handlers: { startJob: { done: () => ({ body: {} }) } } })
      await talk(port, rawRequest('POST', '/v1/jobs', { headers: { 'X-CALLBACK': hook } }))
      await bench.sink.reaches(1)
      expect(bench.sink.urls()).toEqual([`${hook}?at=%2Fjobs%2F7%3Fa%3Db&s=202`])
    })

    test('a query parameter that occurs twice is told, not guessed', async () => {
      const port = await bench.begin([])
      await talk(port, rawRequest('GET', `/v1/orders?callback=${hook}&callback=${hook}`))
      await bench.sink.reaches(1)
      expect(bench.sink.problems).toMatchObject([
        { kind: 'unresolved', callback: 'listed', operation: 'listOrders', reason: { reason: 'ambiguous' } },
      ])
    })

    test('no URL given is nothing to tell', async () => {
      const port = await bench.begin([['POST', '/orders', created]], { handlers: { createOrder: { orderAccepted: echo } } })
      await talk(port, jsonPost('/v1/orders', { item: 'tea' }))
      await bench.canary(port)
      expect(bench.sink.urls()).toEqual([canaryUrl])
      expect(bench.sink.problems).toEqual([])
    })

    const BODIES: [name: string, type: string, body: string | Uint8Array, asked: unknown][] = [
      ['a form', 'application/x-www-form-urlencoded', 'url=http%3A%2F%2Fx&a=1&a=2', { url: 'http://x', a: ['1', '2'] }],
      ['text', 'text/plain; charset=utf-8', 'größe', 'größe'],
      ['text of another charset', 'text/plain; charset="ISO-8859-1"', Buffer.from('größe', 'latin1'), 'größe'],
      ['text of a charset that is not known', 'text/plain; charset=klingon', 'größe', 'größe'],
      ['XML of another charset', 'application/xml;charset=windows-1252', Buffer.from('<a>ß</a>', 'latin1'), '<a>ß</a>'],
      ['JSON in UTF-16', 'application/json; charset=utf-16le', Buffer.from('{"a":"é"}', 'utf16le'), { a: 'é' }],
      ['JSON in UTF-16, which says how', 'application/json; charset=UTF-16', bigEndian('\ufeff{"a":"é"}'), { a: 'é' }],
      ['JSON in UTF-16, by default', 'application/json; charset=utf-16', Buffer.from('{"a":"é"}', 'utf16le'), { a: 'é' }],
      [
        'a form of another charset',
        'application/x-www-form-urlencoded; charset=latin1',
        Buffer.from('a=ß', 'latin1'),
        { a: 'ß' },
      ],
      ['bytes', 'application/octet-stream', Uint8Array.of(0, 255, 10, 13), { 0: 0, 1: 255, 2: 10, 3: 13 }],
      ['a +json type', 'application/problem+json', '{"a":"é"}', { a: 'é' }],
      ['text that is no JSON', 'application/problem+json', '{"a":', '{"a":'],
    ]
    test.each(BODIES)('the body of a request is decoded: %s', async (_name, type, body, asked) => {
      const route: Behaviour = { reads: 'raw', answer: { kind: 'json', status: 200, body: {} } }
      const port = await bench.begin([['POST', '/echo', route]], { handlers: echoHandlers })
      await talk(port, rawRequest('POST', '/v1/echo', { headers: { 'Content-Type': type }, body }))
      await bench.sink.reaches(1)
      expect(bench.sink.problems).toEqual([])
      expect(bench.sink.bodies()).toMatchObject([{ asked }])
    })

    test('a multipart body is a record of its parts', async () => {
      const port = await bench.begin(
        [['POST', '/echo', { ...created, reads: 'raw', answer: { kind: 'text', status: 200, body: '' } }]],
        {
          handlers: echoHandlers,
        },
      )
      const body = '--b\r\nContent-Disposition: form-data; name="url"\r\n\r\nhttp://x\r\n--b--\r\n'
      await talk(port, rawRequest('POST', '/v1/echo', { headers: { 'Content-Type': 'multipart/form-data; boundary=b' }, body }))
      await bench.sink.reaches(1)
      expect(bench.sink.bodies()).toMatchObject([{ asked: { url: 'http://x' } }])
    })

    const READS: [name: string, reads: Behaviour['reads'], headers: Record<string, string>, body: Uint8Array][] = [
      ['parsed by the framework', 'parsed', {}, Buffer.from(JSON.stringify(order))],
      ['read as a stream', 'raw', {}, Buffer.from(JSON.stringify(order))],
      ['read by nobody', 'nothing', {}, Buffer.from(JSON.stringify(order))],
      ['with gzip', 'raw', { 'Content-Encoding': 'gzip' }, gzipSync(JSON.stringify(order))],
      ['with brotli', 'raw', { 'Content-Encoding': 'br' }, brotliCompressSync(JSON.stringify(order))],
    ]
    test.each(READS)('a request body %s', async (_name, reads = 'parsed', headers, body) => {
      const port = await bench.begin([['POST', '/orders', { ...created, reads }]], { handlers: echoHandlers })
      const answer = await talk(
        port,
        rawRequest('POST', '/v1/orders', { headers: { 'Content-Type': 'application/json', ...headers }, body }),
      )
      expect(answer).toMatch(/^HTTP\/1.1 201 /)
      await bench.sink.reaches(1)
      expect(bench.sink.problems).toEqual([])
      expect(bench.sink.bodies()).toMatchObject([{ asked: order }])
    })

    test('a request body that is chunked, slow and 100-continued', async () => {
      const port = await bench.begin([['POST', '/orders', created]], { handlers: echoHandlers })
      const socket = await dial(port)
      const headers = { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked', Expect: '100-continue' }
      socket.write(rawRequest('POST', '/v1/orders', { headers }))
      const [first] = (await once(socket, 'data')) as [Buffer]
      expect(String(first)).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\n/)
      const text = JSON.stringify(order)
      for (const part of [text.slice(0, 5), text.slice(5)]) socket.write(`${part.length.toString(16)}\r\n${part}\r\n`)
      socket.write('0\r\n\r\n')
      await rest(socket)
      await bench.sink.reaches(1)
      expect(bench.sink.bodies()).toMatchObject([{ asked: order }])
    })

    test.skipIf(lacks('parser-before'))('a parser that is mounted before the middleware', async () => {
      const port = await bench.begin([['POST', '/orders', created]], { handlers: echoHandlers }, { parser: 'before' })
      await talk(port, jsonPost('/v1/orders', order))
      await bench.sink.reaches(1)
      expect(bench.sink.bodies()).toMatchObject([{ asked: order }])
    })

    // A parser leaves an empty object for what it does not parse.
    const unparsed = rawRequest('POST', '/v1/echo', {
      headers: { 'Content-Type': 'text/json' },
      body: JSON.stringify({ ...order, more: 'x'.repeat(100) }),
    })
    const ignoring: Behaviour = { reads: 'nothing', answer: { kind: 'json', status: 200, body: {} } }
    for (const parser of ['before', 'after'] as const) {
      const isLacking = lacks('before') || (parser === 'before' && lacks('parser-before'))

      test.skipIf(isLacking)(`a body that came before the middleware, that nobody reads; a parser ${parser}`, async () => {
        const port = await bench.begin([['POST', '/echo', ignoring]], { handlers: echoHandlers }, { parser, before: arrived })
        await talk(port, unparsed)
        await bench.sink.reaches(1)
        expect(bench.sink.problems).toEqual([])
        expect(bench.sink.bodies()).toMatchObject([{ asked: order }])
      })

      test.skipIf(isLacking)(`a body that was read before the middleware is told, not guessed; a parser ${parser}`, async () => {
        const port = await bench.begin([['POST', '/echo', ignoring]], { handlers: echoHandlers }, { parser, before: drained })
        await talk(port, unparsed)
        await bench.sink.reaches(2)
        expect(bench.sink.problems).toMatchObject([{ kind: 'body', of: 'request', reason: 'unread' }])
        expect(bench.sink.bodies()).toEqual([{ answered: {}, query: {}, status: 200 }])
      })
    }

    const ANSWERS: [name: string, answer: Answer, answered: unknown][] = [
      ['JSON', { kind: 'json', status: 200, body: { id: 'ü' } }, { id: 'ü' }],
      ['text', { kind: 'text', status: 200, body: 'ü' }, 'ü'],
      ['bytes', { kind: 'bytes', status: 200, body: Uint8Array.of(0, 255) }, { 0: 0, 1: 255 }],
      [
        'a stream',
        { kind: 'stream', status: 200, headers: { 'content-type': 'application/json' }, chunks: () => chunks('{"id"', ':1}') },
        { id: 1 },
      ],
      [
        'a stream of known length',
        {
          kind: 'stream',
          status: 200,
          headers: { 'content-type': 'text/plain', 'content-length': '4' },
          chunks: () => chunks('ab', 'cd'),
        },
        'abcd',
      ],
    ]
    test.each(ANSWERS)('the body of a response: %s', async (_name, answer, answered) => {
      const port = await bench.begin([['POST', '/echo', { answer }]], { handlers: echoHandlers })
      await talk(port, rawRequest('POST', '/v1/echo'))
      await bench.sink.reaches(1)
      expect(bench.sink.problems).toEqual([])
      expect(bench.sink.bodies()).toMatchObject([{ answered }])
    })

    test('a response without a body has none', async () => {
      const port = await bench.begin([['POST', '/echo', { answer: { kind: 'empty', status: 200 } }]], { handlers: echoHandlers })
      await talk(port, rawRequest('POST', '/v1/echo'))
      await bench.sink.reaches(1)
      expect(bench.sink.bodies()).toEqual([{ query: {}, status: 200 }])
    })

    const long = { id: 'o1', text: 'x'.repeat(5000) }
    for (const place of ['before', 'after'] as const) {
      for (const coding of ['gzip', 'br', 'deflate', 'identity']) {
        test.skipIf(lacks(`compression-${place}`))(`compression ${place} the middleware, ${coding}`, async () => {
          const answer: Answer = { kind: 'json', status: 201, body: long }
          const port = await bench.begin([['POST', '/orders', { answer }]], { handlers: echoHandlers }, { compression: place })
          await talk(port, jsonPost('/v1/orders', order, { 'Accept-Encoding': coding }))
          await bench.sink.reaches(1)
          expect(bench.sink.problems).toEqual([])
          expect(bench.sink.bodies()).toMatchObject([{ answered: long }])
        })
      }
    }

    test('a stream above the limit is passed on whole, and told of where its body is needed', async () => {
      const answer: Answer = {
        kind: 'stream',
        status: 201,
        headers: { 'content-type': 'text/plain' },
        chunks: () => megabytes(4),
      }
      const port = await bench.begin([['POST', '/orders', { answer }]], { handlers: echoHandlers })
      const got = await talk(port, jsonPost('/v1/orders', order))
      expect(got.split('x').length - 1).toBeGreaterThanOrEqual(4 * 1024 * 1024)
      await bench.sink.reaches(2)
      expect(bench.sink.problems).toMatchObject([{ kind: 'body', of: 'response', reason: 'too-large' }])
      expect(bench.sink.bodies()).toEqual([{ asked: order, query: {}, status: 201 }])
    })

    test('server-sent events go out one by one, and the callback after the last', async () => {
      const seen = [deferred<void>(), deferred<void>()]
      async function* events(): AsyncIterable<Uint8Array> {
        yield Buffer.from('data: 1\n\n')
        await seen[0]?.promise
        yield Buffer.from('data: 2\n\n')
        await seen[1]?.promise
      }
      const answer: Answer = { kind: 'stream', status: 200, headers: { 'content-type': 'text/event-stream' }, chunks: events }
      const port = await bench.begin([['GET', '/feed', { answer }]], { handlers: { feed: { watched: echo } } })
      const socket = await dial(port)
      let got = ''
      socket.on('data', (chunk: Buffer) => {
        got += String(chunk)
        if (got.includes('data: 1')) seen[0]?.resolve()
        if (got.includes('data: 2')) seen[1]?.resolve()
      })
      socket.write(rawRequest('GET', `/v1/feed?callback=${hook}`))
      await seen[1]?.promise
      const firedBefore = bench.sink.count
      await once(socket, 'close')
      await bench.sink.reaches(1)
      expect(firedBefore).toBe(0)
      expect(bench.sink.bodies()).toMatchObject([{ answered: 'data: 1\n\ndata: 2\n\n' }])
    })

    test('a client that does not read holds up the application', async () => {
      const total = 256
      let made = 0
      async function* many(): AsyncIterable<Uint8Array> {
        for (; made < total; made++) yield Buffer.alloc(256 * 1024, 'x')
      }
      const answer: Answer = { kind: 'stream', status: 200, headers: { 'content-type': 'text/plain' }, chunks: many }
      const port = await bench.begin([['GET', '/feed', { answer }]], { handlers: { feed: { watched: echo } } })
      const socket = await dial(port)
      socket.pause()
      socket.write(rawRequest('GET', `/v1/feed?callback=${hook}`))
      for (let still = 0, last = -1; still < 3000; ) {
        await new Promise((resolve) => setImmediate(resolve))
        still = made === last && made > 0 ? still + 1 : 0
        last = made
      }
      expect(made).toBeLessThan(total)
      if (!lacks('stream-end')) expect(bench.sink.requests).toEqual([])
      await rest(socket)
      await bench.sink.reaches(2)
      expect(bench.sink.urls()).toEqual([hook])
    })

    const NOTHING: [name: string, request: Buffer, status: number, told?: string[]][] = [
      ['HEAD', rawRequest('HEAD', `/v1/feed?callback=${hook}`), 200],
      ['a path that there is not', rawRequest('GET', '/v1/nowhere'), 404],
      ['a method that the path does not have', rawRequest('POST', '/v1/feed', { body: '{}' }), 404],
      ['OPTIONS', rawRequest('OPTIONS', `/v1/feed?callback=${hook}`), 404],
      ['a path without the base path', rawRequest('GET', `/feed?callback=${hook}`), 404, ['base-path']],
    ]
    test.each(NOTHING)('nothing for %s', async (_name, request, status, told = []) => {
      const feed: Behaviour = { answer: { kind: 'text', status: 200, body: 'x' } }
      const port = await bench.begin([['GET', '/feed', feed]], { handlers: { feed: { watched: echo } } })
      const bare = await bench.bare([['GET', '/feed', feed]])
      const [got, wanted] = await Promise.all([talk(port, request), talk(bare, request)])
      expect(got.slice(0, 12)).toBe(wanted.slice(0, 12))
      if (status === 200) expect(got).toMatch(/^HTTP\/1.1 200 /)
      await bench.canary(port)
      expect(bench.sink.urls()).toEqual([canaryUrl])
      expect(bench.sink.problems.map(({ kind }) => kind)).toEqual(told)
    })

    const STATUSES: [status: number, kinds: string[]][] = [
      [200, ['undeclared-status']],
      [204, ['undeclared-status']],
      [301, []],
      [400, []],
      [503, []],
    ]
    test.each(STATUSES)('nothing after status %i', async (status, kinds) => {
      const port = await bench.begin([['POST', '/orders', { answer: { kind: 'empty', status } }]], { handlers: echoHandlers })
      await talk(port, jsonPost('/v1/orders', order))
      await bench.canary(port)
      expect(bench.sink.urls()).toEqual([canaryUrl])
      expect(bench.sink.kinds()).toEqual(kinds)
    })

    test.each(['at once', 'later'])('"when" decides otherwise, %s', async (how) => {
      const conflict: Behaviour = { answer: { kind: 'json', status: 409, body: { id: 'o1' } } }
      const port = await bench.begin([['POST', '/orders', conflict]], {
        handlers: echoHandlers,
        when({ response }) {
          const answer = response.status === 409 || response.status === 200
          return how === 'later' ? Promise.resolve(answer) : answer
        },
      })
      await talk(port, jsonPost('/v1/orders', order))
      await bench.sink.reaches(1)
      expect(bench.sink.bodies()).toMatchObject([{ status: 409 }])
    })

    const NO_ANSWERS: [name: string, answer: () => unknown, message: string][] = [
      ['rejects', () => Promise.reject(new Error('no tea')), '"when" failed: Error: no tea'],
      ['answers neither true nor false', () => 'yes', '"when" failed: TypeError: Expected true or false, found string.'],
    ]
    test.each(NO_ANSWERS)('a "when" that %s is told', async (_name, answer, message) => {
      const port = await bench.begin([['POST', '/orders', created]], { handlers: echoHandlers, when: answer as never })
      await talk(port, jsonPost('/v1/orders', order))
      await bench.sink.reaches(1)
      expect(bench.sink.problems).toMatchObject([{ kind: 'when', message }])
    })

    test('nothing after an error in the handler of the route', async () => {
      const failing: Behaviour = {
        use: (callbacks) => callbacks.send('orderAccepted', { body: {} }),
        answer: { kind: 'throw', message: 'no tea' },
      }
      const port = await bench.begin([['POST', '/orders', failing]], { handlers: echoHandlers })
      expect(await talk(port, jsonPost('/v1/orders', order))).toMatch(/^HTTP\/1.1 500 /)
      await bench.canary(port)
      expect(bench.sink.urls()).toEqual([canaryUrl])
      expect(bench.sink.problems).toEqual([])
    })

    test.skipIf(lacks('hijack'))('an answer that goes past the framework', async () => {
      const port = await bench.begin([['POST', '/echo', { answer: { kind: 'hijack', status: 200, body: 'mine' } }]], {
        handlers: echoHandlers,
      })
      expect(await talk(port, rawRequest('POST', '/v1/echo'))).toContain('mine')
      await bench.sink.reaches(1)
      expect(bench.sink.bodies()).toMatchObject([{ answered: 'mine' }])
    })

    test.skipIf(lacks('hijack')).each([204, 304])(
      'content that is written to a %i is no body: the client gets none',
      async (status) => {
        const port = await bench.begin([['POST', '/echo', { answer: { kind: 'hijack', status, body: 'mine' } }]], {
          handlers: echoHandlers,
          when: () => true,
        })
        expect(await talk(port, rawRequest('POST', '/v1/echo'))).not.toContain('mine')
        await bench.sink.reaches(1)
        expect(bench.sink.bodies()).toEqual([{ query: {}, status }])
      },
    )

    test('nothing when the client goes away before the answer', async () => {
      const [asked, gone] = [deferred<void>(), deferred<void>()]
      const slow: Behaviour = {
        ...created,
        async use(callbacks) {
          callbacks.send('orderShipped', { body: {} })
          asked.resolve()
          await gone.promise
        },
      }
      const port = await bench.begin([['POST', '/orders', slow]], { handlers: echoHandlers })
      const socket = await dial(port)
      socket.write(jsonPost('/v1/orders', order))
      await asked.promise
      socket.resetAndDestroy()
      await once(socket, 'close')
      // The server has seen the end of the first connection when it answers on another one that came later.
      await bench.canary(port)
      gone.resolve()
      await bench.canary(port)
      expect(bench.sink.urls()).toEqual([canaryUrl, canaryUrl])
    })

    test('nothing when the client goes away in the middle of the answer', async () => {
      const gone = deferred<void>()
      async function* half(): AsyncIterable<Uint8Array> {
        yield Buffer.from('half')
        await gone.promise
        yield Buffer.from('rest')
      }
      const answer: Answer = { kind: 'stream', status: 201, headers: { 'content-type': 'text/plain' }, chunks: half }
      const port = await bench.begin([['POST', '/orders', { answer }]], { handlers: echoHandlers })
      const socket = await dial(port)
      socket.write(jsonPost('/v1/orders', order))
      await once(socket, 'data')
      socket.resetAndDestroy()
      await once(socket, 'close')
      await bench.canary(port)
      gone.resolve()
      await bench.canary(port)
      expect(bench.sink.urls()).toEqual([canaryUrl, canaryUrl])
    })

    test('requests on one connection, one after the other and pipelined', async () => {
      const port = await bench.begin([['POST', '/orders', created]], {
        handlers: { createOrder: { orderAccepted: ({ exchange }) => ({ body: exchange.request.body }) } },
      })
      const requests = [1, 2, 3].map((n) => {
        const options = {
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ ...order, n }),
          keepAlive: n < 3,
        }
        return rawRequest('POST', '/v1/orders', options)
      })
      await talk(port, Buffer.concat(requests))
      await bench.sink.reaches(3)
      expect(bench.sink.bodies()).toEqual([1, 2, 3].map((n) => ({ ...order, n })))
      expect(new Set(bench.sink.requests.map(({ id }) => id)).size).toBe(3)
    })

    test('a target is plain data, for later', async () => {
      const stored: string[] = []
      const use = async (callbacks: RequestCallbacks): Promise<void> => {
        stored.push(JSON.stringify(await callbacks.target('orderAccepted')))
        stored.push(JSON.stringify((await callbacks.target('orderShipped')) ?? null))
        const response = { status: 201, headers: {}, body: { id: 'o9' } }
        stored.push(JSON.stringify(await callbacks.target('orderShipped', { response })))
      }
      const port = await bench.begin([['POST', '/orders', { ...created, use }]])
      await talk(port, jsonPost('/v1/orders', order))
      expect(stored.map((text) => JSON.parse(text)?.url ?? null)).toEqual([hook, null, `${hook}/shipped/o9`])
      expect(bench.sink.problems).toMatchObject([{ kind: 'unresolved', reason: { reason: 'needs-response' } }])
    })

    test('a callback can be sent long after the response', async () => {
      let kept: RequestCallbacks | undefined
      const use = (callbacks: RequestCallbacks): void => {
        kept = callbacks
      }
      const port = await bench.begin([['POST', '/orders', { ...created, use }]])
      await talk(port, jsonPost('/v1/orders', order))
      await bench.canary(port)
      kept?.send('orderShipped', { body: { n: 1 } })
      await bench.sink.reaches(2)
      expect(bench.sink.urls()).toEqual([canaryUrl, `${hook}/shipped/o1`])
    })

    describe('a path in another case', () => {
      const add: Behaviour = { answer: { kind: 'json', status: 200, body: {} } }
      const routes: Routes = [['POST', '/orders/{orderId}/items/{itemId}', add]]
      const handlers: CallbackOptions['handlers'] = { addItem: { added: ({ exchange }) => ({ body: exchange.request.path }) } }
      const request = rawRequest('POST', '/V1/OrDers/aB/ITEMS/Cd')

      const ROUTING: [routing: Routing | undefined][] = [[undefined], ['case-sensitive'], ['case-insensitive']]
      test.each(ROUTING)('is followed if the framework takes it: %s', async (routing) => {
        const port = await bench.begin(routes, { handlers }, routing && { routing })
        const isTaken = (await talk(port, request)).startsWith('HTTP/1.1 200 ')
        if (routing === undefined) expect(isTaken).toBe(harness.routing === 'case-insensitive')
        if (routing === 'case-sensitive') expect(isTaken).toBe(false)
        await bench.canary(port)
        expect(bench.sink.bodies()).toEqual([...(isTaken ? [{ orderId: 'aB', itemId: 'Cd' }] : []), {}])
        expect(bench.sink.problems).toEqual([])
      })

      test('is not where the options say so', async () => {
        const port = await bench.begin(routes, { handlers, caseSensitive: true })
        await talk(port, request)
        await bench.canary(port)
        expect(bench.sink.urls()).toEqual([canaryUrl])
      })

      test.each([undefined, '/v1'])('is where they say so, below the base path %s', async (basePath) => {
        const use = (callbacks: RequestCallbacks): void => void names.push(callbacks.operation)
        const names: (string | undefined)[] = []
        const path = { ...(basePath === undefined ? {} : { basePath }) }
        const port = await bench.begin([['GET', '/FEED', { ...add, use }]], { handlers, caseSensitive: false, ...path })
        await talk(port, rawRequest('GET', '/v1/FEED'))
        expect(names).toEqual(['feed'])
      })
    })

    describe('two middlewares, each with its description', () => {
      const operation = (operationId: string): object => ({
        operationId,
        responses: { 201: { description: 'Done.' } },
        callbacks: { audited: { [`${hooks}/audit`]: { post: { responses: {} } } } },
      })
      const auditing = {
        ...document,
        paths: { '/orders': { post: operation('auditOrder') }, '/audits': { post: operation('audit') } },
      }
      const both = (handlers: CallbackOptions['handlers'] = {}, shared: Partial<CallbackOptions> = {}) => {
        const { fire, onError } = bench.sink
        const second: CallbackOptions = { description: auditing, fire, onError, onStart() {}, ...shared }
        const use = (callbacks: RequestCallbacks): void => {
          names.push(callbacks.operation)
          callbacks.send('audited', {})
        }
        const routes: Routes = [
          ['POST', '/orders', { ...created, use }],
          ['POST', '/audits', { ...created, use }],
          [
            'GET',
            '/feed',
            { answer: { kind: 'text', status: 200, body: '' }, use: (callbacks) => void names.push(callbacks.operation) },
          ],
        ]
        return bench.begin(routes, { handlers, ...shared }, { second })
      }
      let names: (string | undefined)[]
      beforeEach(() => {
        names = []
      })

      test('what only one of them has', async () => {
        const port = await both()
        await talk(port, rawRequest('GET', `/v1/feed`))
        await talk(port, rawRequest('POST', '/v1/audits'))
        await bench.sink.reaches(1)
        expect(names).toEqual(['feed', 'audit'])
        expect(bench.sink.urls()).toEqual([`${hooks}/audit`])
        expect(bench.sink.problems).toEqual([])
      })

      test('what both have: a name is that of whichever has it', async () => {
        const port = await both(echoHandlers)
        await talk(port, jsonPost('/v1/orders', order))
        await bench.sink.reaches(2)
        expect(names).toEqual(['auditOrder'])
        expect(bench.sink.urls().sort()).toEqual([`${hooks}/audit`, hook])
        expect(bench.sink.problems).toEqual([])
      })

      test('both store before the response', async () => {
        const dispatcher = createDispatcher({ store: { ...memoryStore(), durable: true, leasesAtInsert: false } })
        const port = await both(echoHandlers, { fire: 'enqueue', dispatcher })
        expect(await talk(port, jsonPost('/v1/orders', order))).toMatch(/^HTTP\/1.1 201 /)
        const stored = await dispatcher.list()
        expect(stored.map(({ request }) => request.url).sort()).toEqual([`${hooks}/audit`, hook])
        expect(bench.sink.problems).toEqual([])
      })
    })

    test('callbacks that there are not are told, and nothing else happens', async () => {
      const use = async (callbacks: RequestCallbacks): Promise<void> => {
        callbacks.send('orderAcepted', { body: {} })
        expect(await callbacks.target('nope')).toBeUndefined()
      }
      const plain = async (callbacks: RequestCallbacks): Promise<void> => {
        expect(callbacks.operation).toBeUndefined()
        callbacks.send('any', {})
        expect(await callbacks.target('any')).toBeUndefined()
      }
      const port = await bench.begin([
        ['POST', '/orders', { ...created, use }],
        ['GET', '/plain', { answer: { kind: 'text', status: 200, body: 'plain' }, use: plain }],
      ])
      expect(await talk(port, jsonPost('/v1/orders', order))).toMatch(/^HTTP\/1.1 201 /)
      expect(await talk(port, rawRequest('GET', '/v1/plain'))).toMatch(/^HTTP\/1.1 200 /)
      expect(bench.sink.kinds()).toEqual(Array(4).fill('no-such-callback'))
    })
  })
}

function drained(request: IncomingMessage): Promise<unknown> {
  return once(request.resume(), 'end')
}

function bigEndian(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16()
}

async function* chunks(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

async function* megabytes(count: number): AsyncIterable<Uint8Array> {
  for (let n = 0; n < count * 16; n++) yield Buffer.alloc(64 * 1024, 'x')
}
