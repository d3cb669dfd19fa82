import { once } from 'node:events'
import { createServer } from 'node:http'
import { createDispatcher, type Delivery, type Dispatcher, memoryStore } from 'ringback/dispatcher'
import { type CallbackOptions, nodeCallbacks, type RequestCallbacks } from 'ringback/node'
import { describe, expect, test } from 'vitest'
import { manualClock } from '../support/manual-clock.ts'
import { benchOf, canaryUrl, created, echo, hook, order } from './bench.ts'
import { document } from './document.ts'
import { gatedStore } from './gated-store.ts'
import { harnesses } from './harnesses.ts'
import { askHttp2 } from './http2-client.ts'
import { dial, jsonPost, rawRequest, rest, talk } from './raw-client.ts'
import { running } from './servers.ts'
import { deferred } from './wait.ts'
import { durable } from './wire-contract.ts'

const handlers = { createOrder: { orderAccepted: echo, orderShipped: echo } }

function change(
  dispatcher: Dispatcher,
  how: 'reschedule' | 'cancel',
): { readonly dispatcher: Dispatcher; readonly done: Promise<readonly string[]> } {
  const { promise, resolve } = deferred<readonly string[]>()
  const changed: Dispatcher = {
    ...dispatcher,
    async reschedule(ids, delayMs) {
      const answer = await dispatcher.reschedule(ids, delayMs)
      if (how === 'reschedule') resolve(answer)
      return answer
    },
    async cancel(...ids) {
      const answer = await dispatcher.cancel(...ids)
      if (how === 'cancel') resolve(answer)
      return answer
    },
  }
  return { dispatcher: changed, done: promise }
}

/** Tells when a delivery is stored. */
function tellingStored(dispatcher: Dispatcher, stored: (url: string) => unknown): Dispatcher {
  return {
    ...dispatcher,
    async enqueue(request, options) {
      const enqueued = await dispatcher.enqueue(request, options)
      stored(request.url)
      return enqueued
    },
  }
}

const summary = ({ state, dueAt, createdAt, request }: Delivery): unknown => [request.url, state, dueAt - createdAt]

test('a client that waits for "100 Continue", and is answered without', async () => {
  const dispatcher = createDispatcher({ store: durable(memoryStore()) })
  const handle = nodeCallbacks((_request, response) => response.writeHead(201, { 'content-length': 2 }).end('{}'), {
    description: document,
    dispatcher,
    handlers,
    onStart() {},
    onError() {},
    commitTimeoutMs: 60_000,
  })
  const { port, stop } = await running(createServer(handle).on('checkContinue', handle))
  const headers = { 'Content-Type': 'application/json', Expect: '100-continue', 'Content-Length': '30' }
  expect(await talk(port, rawRequest('POST', '/v1/orders', { headers }))).toMatch(/^HTTP\/1.1 201 /)
  await stop()
})

const expected = 'Expected enqueue() of the dispatcher to answer { id: string, isNew: boolean }, found'

test.each<[answer: unknown, told: string | undefined]>([
  [undefined, `${expected} undefined.`],
  [null, `${expected} null.`],
  ['o1', `${expected} o1.`],
  [Symbol('o1'), `${expected} Symbol(o1).`],
  [Object.create(null), `${expected} something that has no text.`],
  [{}, `${expected} { id: undefined, isNew: undefined }.`],
  [[], `${expected} { id: undefined, isNew: undefined }.`],
  [{ id: 7, isNew: true }, `${expected} { id: number, isNew: boolean }.`],
  [{ id: 'o1', isNew: 1 }, `${expected} { id: string, isNew: number }.`],
  [{ id: 'o1', isNew: true }, undefined],
  [{ id: 'o1', isNew: true, waitMs: Number.NaN }, undefined],
  [{ id: 'o1', isNew: true, waitMs: 'soon' }, undefined],
])('a dispatcher of the application whose enqueue answers %j', async (answer, told) => {
  for (const isLater of [false, true]) {
    const problems: string[] = []
    const { promise, resolve } = deferred<unknown>()
    const dispatcher = {
      durable: true,
      enqueue: () => (isLater ? Promise.resolve(answer) : answer),
      reschedule: (ids: unknown) => resolve(ids),
    }
    const handle = nodeCallbacks((_request, response) => response.writeHead(201, { 'content-length': 2 }).end('{}'), {
      description: document,
      dispatcher: dispatcher as unknown as Dispatcher,
      handlers: { createOrder: { orderAccepted: echo } },
      onStart() {},
      onError({ kind, message }) {
        problems.push(`${kind}: ${message}`)
        resolve(undefined)
      },
    })
    const { port, stop } = await running(createServer(handle))
    expect(await talk(port, jsonPost('/v1/orders', order))).toMatch(/^HTTP\/1.1 201 /)
    expect(await promise).toEqual(told === undefined ? ['o1'] : undefined)
    expect(problems).toEqual(told === undefined ? [] : [`not-enqueued: It could not be enqueued: TypeError: ${told}`])
    await stop()
  }
})

for (const harness of harnesses) {
  describe(`${harness.name}: with a durable store`, () => {
    const bench = benchOf(harness)
    const begin = (dispatcher: Dispatcher, more: Partial<CallbackOptions> = {}): Promise<number> =>
      bench.begin([['POST', '/orders', created]], { fire: 'enqueue', dispatcher, handlers, ...more })

    test('deliveries are stored and held back before the last byte, and go once it has gone out', async () => {
      const { store, asked, open } = gatedStore()
      const { dispatcher, done } = change(createDispatcher({ store, clock: manualClock() }), 'reschedule')
      const port = await begin(dispatcher)
      const socket = await dial(port)
      let got = ''
      socket.on('data', (chunk) => {
        got += String(chunk)
      })
      socket.write(jsonPost('/v1/orders', order))
      await asked
      expect(got).toBe('')
      const whole = rest(socket)
      open()
      expect(await whole).toContain('{"id":"o1"}')
      expect(await done).toHaveLength(2)
      expect((await dispatcher.list()).map(summary)).toEqual([
        [hook, 'pending', 0],
        [`${hook}/shipped/o1`, 'pending', 0],
      ])
    })

    test('a process that dies before it is told that the response went out delivers a minute later', async () => {
      const clock = manualClock()
      const dispatcher = createDispatcher({ store: durable(memoryStore()), clock })
      const dying = { ...dispatcher, reschedule: () => new Promise<never>(() => {}) }
      await talk(await begin(dying), jsonPost('/v1/orders', order))
      expect((await dispatcher.list()).map(summary)).toEqual([
        [hook, 'pending', 60_000],
        [`${hook}/shipped/o1`, 'pending', 60_000],
      ])
    })

    test.skipIf(harness.lacks?.includes('stream-end'))('a client that goes away meanwhile cancels them', async () => {
      const { store, asked, open } = gatedStore()
      const { dispatcher, done } = change(createDispatcher({ store }), 'cancel')
      const port = await begin(dispatcher)
      const socket = await dial(port)
      socket.write(jsonPost('/v1/orders', order))
      await asked
      socket.resetAndDestroy()
      await once(socket, 'close')
      // A request that comes later: by its answer the server has seen the reset.
      const later = bench.begin([], {})
      await bench.canary(await later)
      await talk(port, jsonPost('/v1/nowhere', {}))
      open()
      expect(await done).toHaveLength(2)
      expect((await dispatcher.list()).map(({ state }) => state)).toEqual(['cancelled', 'cancelled'])
      expect(bench.sink.urls()).toEqual([canaryUrl])
    })

    test.skipIf(harness.lacks?.includes('stream-end'))(
      'bytes that are no request do not let it go, and are refused after it',
      async () => {
        const { store, asked, open } = gatedStore()
        const port = await begin(createDispatcher({ store, clock: manualClock() }), { commitTimeoutMs: 60_000 })
        const socket = await dial(port)
        let got = ''
        socket.on('data', (data) => {
          got += String(data)
        })
        socket.write(jsonPost('/v1/orders', order, { Connection: 'keep-alive' }))
        await asked
        socket.write('none\r\n\r\n')
        // By the answers to these the server has seen it.
        for (let n = 0; n < 2; n++) await talk(port, jsonPost('/v1/nowhere', {}))
        expect(got).toBe('')
        open()
        await once(socket, 'close')
        expect(got.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 201', 'HTTP/1.1 400'])
      },
    )

    test.skipIf(harness.lacks?.includes('stream-end'))(
      'a client that ends its half, and still reads, gets its answer',
      async () => {
        const { store, asked, open } = gatedStore()
        const { dispatcher, done } = change(createDispatcher({ store, clock: manualClock() }), 'reschedule')
        const socket = await dial(await begin(dispatcher))
        socket.write(jsonPost('/v1/orders', order))
        await asked
        const whole = rest(socket)
        socket.end()
        await once(socket, 'finish')
        open()
        expect(await whole).toContain('{"id":"o1"}')
        expect(await done).toHaveLength(2)
      },
    )

    test('a store that is slow holds the response up no longer than it may', async () => {
      const { store, open } = gatedStore()
      const { dispatcher, done } = change(createDispatcher({ store }), 'reschedule')
      const port = await begin(dispatcher, { commitTimeoutMs: 20 })
      expect(await talk(port, jsonPost('/v1/orders', order))).toContain('{"id":"o1"}')
      expect(bench.sink.kinds()).toEqual(['slow'])
      open()
      expect(await done).toHaveLength(2)
    })

    const hanging = { createOrder: { orderAccepted: echo, orderShipped: () => new Promise<never>(() => {}) } }
    test('a handler that hangs holds back nobody else', async () => {
      const store = durable(memoryStore())
      const { dispatcher, done } = change(createDispatcher({ store, clock: manualClock() }), 'reschedule')
      const port = await begin(dispatcher, { commitTimeoutMs: 20, handlers: hanging })
      expect(await talk(port, jsonPost('/v1/orders', order))).toContain('{"id":"o1"}')
      expect(await done).toHaveLength(1)
      expect((await dispatcher.list()).map(summary)).toEqual([[hook, 'pending', 0]])
      expect(bench.sink.kinds()).toEqual(['slow'])
    })

    test('a handler that is slow is sent when it is done', async () => {
      const finished = deferred<{ readonly body: object }>()
      const store = durable(memoryStore())
      const { dispatcher, done } = change(createDispatcher({ store, clock: manualClock() }), 'reschedule')
      const slow = { createOrder: { ...hanging.createOrder, orderShipped: () => finished.promise } }
      const enqueued = deferred<void>()
      const stored = tellingStored(dispatcher, (url) => url.endsWith('/shipped/o1') && enqueued.resolve())
      const port = await begin(stored, { commitTimeoutMs: 20, handlers: slow })
      expect(await talk(port, jsonPost('/v1/orders', order))).toContain('{"id":"o1"}')
      expect(await done).toHaveLength(1)
      finished.resolve({ body: {} })
      await enqueued.promise
      expect((await dispatcher.list()).map(summary)).toEqual([
        [hook, 'pending', 0],
        [`${hook}/shipped/o1`, 'pending', 0],
      ])
    })

    test.skipIf(harness.lacks?.includes('stream-end'))('a client that goes away while a handler hangs', async () => {
      const dispatcher = createDispatcher({ store: durable(memoryStore()) })
      const { dispatcher: watched, done } = change(dispatcher, 'cancel')
      const stored = deferred<void>()
      const port = await begin(
        tellingStored(watched, () => stored.resolve()),
        { handlers: hanging },
      )
      const socket = await dial(port)
      socket.write(jsonPost('/v1/orders', order))
      await stored.promise
      socket.resetAndDestroy()
      expect(await done).toHaveLength(1)
      expect((await dispatcher.list()).map(({ state }) => state)).toEqual(['cancelled'])
    })

    test('all that is sent of one callback is stored and released', async () => {
      const { dispatcher, done } = change(createDispatcher({ store: durable(memoryStore()), clock: manualClock() }), 'reschedule')
      const use = (callbacks: RequestCallbacks): void => {
        for (const n of [1, 2, 3]) callbacks.send('orderAccepted', { body: { n } })
      }
      const behaviour = { ...created, use }
      const port = await bench.begin([['POST', '/orders', behaviour]], { fire: 'enqueue', dispatcher, handlers })
      await talk(port, jsonPost('/v1/orders', order))
      expect(await done).toHaveLength(5)
      const due = (await dispatcher.list()).map(({ dueAt, createdAt }) => dueAt - createdAt)
      expect(due).toEqual([0, 0, 0, 0, 0])
    })

    test.each(['before-response', 'after-response'] as const)(
      'one that is stored already stays as it is, and is told: %s',
      async (commit) => {
        const dispatcher = createDispatcher({ store: durable(memoryStore()), clock: manualClock() })
        const twice: Dispatcher = {
          ...dispatcher,
          async enqueue(request, options) {
            await dispatcher.enqueue(request, { ...options, delayMs: 3_600_000 })
            return dispatcher.enqueue(request, options)
          },
        }
        await talk(
          await begin(twice, { commit, handlers: { createOrder: { orderAccepted: echo } } }),
          jsonPost('/v1/orders', order),
        )
        await bench.sink.reaches(1)
        const [delivery] = await dispatcher.list()
        expect(bench.sink.problems).toMatchObject([{ kind: 'duplicate', callback: 'orderAccepted', id: delivery?.id }])
        await bench.canary(await bench.begin([]))
        expect((await dispatcher.list()).map(summary)).toEqual([[hook, 'pending', 3_600_000]])
      },
    )

    test('a handler that gives nonsense holds back nobody else', async () => {
      const { dispatcher, done } = change(createDispatcher({ store: durable(memoryStore()), clock: manualClock() }), 'reschedule')
      const nonsense = { createOrder: { orderAccepted: () => null as never, orderShipped: echo } }
      await talk(await begin(dispatcher, { handlers: nonsense }), jsonPost('/v1/orders', order))
      expect(await done).toHaveLength(1)
      expect((await dispatcher.list()).map(summary)).toEqual([[`${hook}/shipped/o1`, 'pending', 0]])
      expect(bench.sink.problems).toMatchObject([{ kind: 'handler', callback: 'orderAccepted' }])
    })

    test('an application that answers before the request is complete, or never reads it', async () => {
      const dispatcher = createDispatcher({ store: durable(memoryStore()) })
      const port = await bench.begin([['POST', '/orders', { ...created, reads: 'nothing' }]], {
        fire: 'enqueue',
        dispatcher,
        handlers,
      })
      expect(await talk(port, jsonPost('/v1/orders', order))).toContain('{"id":"o1"}')
      const large = jsonPost('/v1/orders', { ...order, item: 'x'.repeat(200_000) })
      const head = large.subarray(0, 1000)
      const socket = await dial(port)
      socket.write(head)
      // Half of the request is all that there is when the answer is made.
      socket.write(large.subarray(1000))
      expect(await rest(socket)).toMatch(/^HTTP\/1.1 201 /)
      const urls = (await dispatcher.list()).map(({ request }) => request.url)
      expect(urls.slice(0, 2)).toEqual([hook, `${hook}/shipped/o1`])
    })

    test('a body that waits in the request already, and that nobody reads', async () => {
      const dispatcher = createDispatcher({ store: durable(memoryStore()) })
      const { dispatcher: watched, done } = change(dispatcher, 'reschedule')
      // The first request waits until the description has been read.
      const port = await bench.begin([['POST', '/orders', { ...created, reads: 'nothing' }]], {
        description: JSON.stringify(document),
        fire: 'enqueue',
        dispatcher: watched,
        handlers,
        commitTimeoutMs: 60_000,
      })
      expect(await talk(port, jsonPost('/v1/orders', order))).toContain('{"id":"o1"}')
      await done
      expect((await dispatcher.list()).map(({ request }) => request.url)).toEqual([hook, `${hook}/shipped/o1`])
      expect(bench.sink.problems).toEqual([])
    })

    test.skipIf(harness.lacks?.includes('http2'))('HTTP/2: a body that nobody reads does not hold the response up', async () => {
      const dispatcher = createDispatcher({ store: durable(memoryStore()) })
      const routes = [['POST', '/orders', { ...created, reads: 'nothing' }]] as const
      const callbacks = { fire: 'enqueue', dispatcher, handlers, commitTimeoutMs: 60_000 } as const
      const port = await bench.begin(routes, callbacks, { http2: true })
      expect(await askHttp2(port, '/v1/orders', 'hello')).toContain('{"id":"o1"}')
      expect(bench.sink.kinds()).not.toContain('slow')
    })

    test('"after-response" does not hold the response up', async () => {
      const { store, asked, open } = gatedStore()
      const dispatcher = createDispatcher({ store })
      const port = await begin(dispatcher, { commit: 'after-response' })
      expect(await talk(port, jsonPost('/v1/orders', order))).toContain('{"id":"o1"}')
      await asked
      open()
      expect(bench.sink.problems).toEqual([])
    })

    test('what is sent while the response is on its way is sent as well', async () => {
      const dispatcher = createDispatcher({ store: durable(memoryStore()) })
      const { dispatcher: watched, done } = change(dispatcher, 'reschedule')
      const port = await bench.begin(
        [
          [
            'POST',
            '/orders',
            { ...created, use: (callbacks) => callbacks.send('orderShipped', { body: { n: 1 }, delayMs: 5000 }) },
          ],
        ],
        { fire: 'enqueue', dispatcher: watched },
      )
      await talk(port, jsonPost('/v1/orders', order))
      expect(await done).toHaveLength(1)
      const [delivery] = await dispatcher.list()
      expect(delivery).toMatchObject({ state: 'pending', request: { url: `${hook}/shipped/o1` } })
      expect((delivery?.dueAt ?? 0) - (delivery?.createdAt ?? 0)).toBeLessThan(20_000)
    })
  })
}
