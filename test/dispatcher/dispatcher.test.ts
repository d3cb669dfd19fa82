import diagnostics from 'node:diagnostics_channel'
import {
  createDispatcher,
  type Delivery,
  type DeliveryStore,
  type Dispatcher,
  type DispatcherOptions,
  memoryStore,
  retrySchedule,
  type SendReport,
  type Transport,
} from 'ringback/dispatcher'
import { afterEach, describe, expect, test } from 'vitest'
import { answered, callbackRequest, fakeTransport, manualClock, turns, when } from './support.ts'

const url = 'https://a.example/cb'
const running: Dispatcher[] = []
afterEach(async () => {
  for (const dispatcher of running.splice(0)) await dispatcher.stop({ drainMs: 0 })
})

function dispatcherWith(options: DispatcherOptions): Dispatcher {
  const dispatcher = createDispatcher({ clock: manualClock(), random: (n) => new Uint8Array(n).fill(128), ...options })
  running.push(dispatcher)
  return dispatcher
}

/** A transport whose answers the test gives one by one. */
function heldTransport() {
  const open: { readonly url: string; readonly answer: (report: SendReport) => void }[] = []
  let waiting: { readonly n: number; readonly resolve: () => void }[] = []
  const transport = fakeTransport(
    (request) =>
      new Promise<SendReport>((answer) => {
        open.push({ url: request.url, answer })
        waiting = waiting.filter(({ n, resolve }) => (open.length >= n ? resolve() : true))
      }),
  )
  return {
    transport,
    open,
    /** Resolves when so many have been sent in all. */
    opened: (n: number) => new Promise<void>((resolve) => (open.length >= n ? resolve() : waiting.push({ n, resolve }))),
  }
}

describe('enqueue', () => {
  test('the same id is stored once', async () => {
    const transport = fakeTransport()
    const dispatcher = dispatcherWith({ transport })
    expect(await dispatcher.enqueue(callbackRequest('a', url))).toEqual({ id: 'a', isNew: true })
    expect(await dispatcher.enqueue(callbackRequest('a', 'https://other.example/'))).toEqual({ id: 'a', isNew: false })
    expect(await dispatcher.enqueue(callbackRequest('a', url), { id: 'b' })).toEqual({ id: 'b', isNew: true })
    expect(await dispatcher.runDue()).toBe(2)
    expect(transport.sent.map(({ headers }) => headers['webhook-id'])).toEqual(['a', 'b'])
    expect(await dispatcher.enqueue(callbackRequest('a', url))).toEqual({ id: 'a', isNew: false })
    expect(await dispatcher.runDue()).toBe(0)
  })

  test('freezes the request', async () => {
    const transport = fakeTransport()
    const dispatcher = dispatcherWith({ transport })
    const body = new Uint8Array([1, 2, 3])
    const headers: Record<string, string> = { 'x-a': '1' }
    await dispatcher.enqueue(callbackRequest('a', url, { body, headers }))
    body.fill(9)
    headers['x-a'] = '2'
    await dispatcher.runDue()
    expect(transport.sent[0]).toMatchObject({ body: new Uint8Array([1, 2, 3]), headers: { 'x-a': '1' } })
  })

  test('delayMs puts off the first attempt', async () => {
    const clock = manualClock()
    const transport = fakeTransport()
    const dispatcher = dispatcherWith({ transport, clock })
    await dispatcher.enqueue(callbackRequest('a', url), { delayMs: 1000 })
    expect(await dispatcher.runDue()).toBe(0)
    clock.advance(1000)
    expect(await dispatcher.runDue()).toBe(1)
  })

  test('metadata is kept, and never sent', async () => {
    const transport = fakeTransport()
    const dispatcher = dispatcherWith({ transport })
    await dispatcher.enqueue(callbackRequest('a', url, { metadata: { callback: 'onEvent' } }), { metadata: { tenant: 7 } })
    await dispatcher.runDue()
    expect((await dispatcher.get('a'))?.delivery.metadata).toEqual({ callback: 'onEvent', tenant: 7 })
    expect(JSON.stringify(transport.sent[0]?.headers)).not.toMatch(/onEvent|tenant/)
  })

  test.each(['', 'a.b', 'a b', 'a\n', 'ä', 'x'.repeat(201)])('the id %j is a mistake', async (id) => {
    await expect(dispatcherWith({}).enqueue(callbackRequest(id, url))).rejects.toThrow(TypeError)
  })

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('a delay of %d is a mistake', async (delayMs) => {
    await expect(dispatcherWith({}).enqueue(callbackRequest('a', url), { delayMs })).rejects.toThrow(TypeError)
  })

  test('within a transaction: told when the row is written, and not when it was there already or could not be', async () => {
    const store = memoryStore()
    const within: DeliveryStore = {
      ...store,
      async insertWithin(transaction, deliveries) {
        if (transaction === 'broken') throw new Error('aborted')
        return store.insert(deliveries)
      },
    }
    const dispatcher = dispatcherWith({ store: within, transport: fakeTransport() })
    const told: unknown[] = []
    dispatcher.on('enqueued', ({ delivery: { id, state }, committed }) => told.push([id, state, committed]))
    expect(await dispatcher.enqueue(callbackRequest('a', url), { transaction: 't' })).toEqual({ id: 'a', isNew: true })
    expect(await dispatcher.enqueue(callbackRequest('a', url), { transaction: 't' })).toEqual({ id: 'a', isNew: false })
    await expect(dispatcher.enqueue(callbackRequest('b', url), { transaction: 'broken' })).rejects.toThrow('aborted')
    await dispatcher.enqueue(callbackRequest('c', url))
    expect(told).toEqual([
      ['a', 'pending', false],
      ['c', 'pending', true],
    ])
    await expect(
      dispatcherWith({ transport: fakeTransport() }).enqueue(callbackRequest('a', url), { transaction: 't' }),
    ).rejects.toThrow(TypeError)
  })

  test('a transport has a policy of its own', () => {
    const policy = { judge: () => ({ ok: false }), judgeAddress: () => ({ ok: false }) } as never
    expect(() => createDispatcher({ transport: fakeTransport(), policy })).toThrow(TypeError)
  })
})

describe('what ends a delivery', () => {
  test.each(['http://127.0.0.1/', 'http://169.254.169.254/latest', 'not a url', 'https://a.example/{id}'])(
    '%s is refused by the default policy: dead at once, and nothing is contacted',
    async (target) => {
      const dispatcher = dispatcherWith({})
      const dead = when(dispatcher, 'dead')
      await dispatcher.enqueue(callbackRequest('a', target))
      await dispatcher.runDue()
      const { delivery, attempt } = await dead
      expect(delivery).toMatchObject({ state: 'dead', reason: 'refused', attempts: 1 })
      expect(attempt).toMatchObject({ phase: 'policy', sent: 'no', outcome: { kind: 'refused' } })
    },
  )

  test('the constraint of the callback key is judged with the URL', async () => {
    const dispatcher = dispatcherWith({})
    const constraint = { scheme: 'https', authority: { kind: 'exact', host: 'hooks.example.com', port: '' } } as const
    await dispatcher.enqueue(callbackRequest('a', 'https://evil.example.net/', { constraint }))
    await dispatcher.runDue()
    expect((await dispatcher.get('a'))?.attempts[0]?.outcome).toMatchObject({
      kind: 'refused',
      rule: 'template-authority-changed',
    })
  })

  test('410 ends it, and no attempt follows; requeue starts a fresh schedule', async () => {
    const clock = manualClock()
    const transport = fakeTransport((_request, n) => answered(n < 4 ? 410 : 204))
    const dispatcher = dispatcherWith({ transport, clock, retry: retrySchedule([0, 1]) })
    await dispatcher.enqueue(callbackRequest('a', url))
    expect(await dispatcher.runDue()).toBe(1)
    clock.advance(1e9)
    expect(await dispatcher.runDue()).toBe(0)
    for (const n of [2, 3]) {
      expect(await dispatcher.requeue('a', 'nobody')).toEqual(['a'])
      expect(await dispatcher.destinations.enable(url)).toBe(true)
      expect(await dispatcher.runDue()).toBe(1)
      expect((await dispatcher.get('a'))?.delivery).toMatchObject({
        state: 'dead',
        reason: 'gone',
        attempts: n,
        attemptsBefore: n - 1,
      })
    }
    await dispatcher.requeue('a')
    await dispatcher.destinations.enable(url)
    await dispatcher.runDue()
    expect((await dispatcher.get('a'))?.delivery.state).toBe('delivered')
    expect(new Set(transport.sent.map(({ headers }) => headers['webhook-id']))).toEqual(new Set(['a']))
  })

  test('a cancelled one is not sent, a held one when it is resumed', async () => {
    const dispatcher = dispatcherWith({ transport: fakeTransport() })
    await dispatcher.enqueue(callbackRequest('a', url))
    await dispatcher.enqueue(callbackRequest('b', url))
    expect(await dispatcher.cancel('a')).toEqual(['a'])
    expect(await dispatcher.hold('b')).toEqual(['b'])
    expect(await dispatcher.runDue()).toBe(0)
    expect(await dispatcher.resume('a', 'b')).toEqual(['b'])
    expect(await dispatcher.runDue()).toBe(1)
  })
})

describe('signing', () => {
  test('a signer for each delivery, called for each attempt with the bytes that are sent', async () => {
    const clock = manualClock()
    const transport = fakeTransport((_request, n) => answered(n === 1 ? 500 : 200))
    const seen: [string, number][] = []
    const signer = async (delivery: Delivery) => ({
      sign: ({ id, at, headers, body }: { id: string; at: number; headers: object; body: Uint8Array }) => {
        seen.push([id, at])
        expect(headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': delivery.id })
        return { 'X-Signature': Buffer.from(body).toString('hex') }
      },
    })
    const dispatcher = dispatcherWith({ transport, clock, signer, retry: retrySchedule([0, 10]) })
    await dispatcher.enqueue(
      callbackRequest('a', url, { headers: { 'Content-Type': 'application/json', 'x-signature': 'forged' } }),
    )
    const startedAt = clock.now()
    await dispatcher.runDue()
    clock.advance(20)
    await dispatcher.runDue()
    expect(seen).toEqual([
      ['a', startedAt],
      ['a', startedAt + 20],
    ])
    expect(transport.sent[0]?.headers['x-signature']).toBe(Buffer.from('{"id":"a"}').toString('hex'))
  })

  test('a signer that fails costs no attempt, and nothing goes out unsigned', async () => {
    const clock = manualClock()
    const transport = fakeTransport()
    let broken = true
    const signer = () => {
      if (broken) throw new Error('no key')
      return { sign: () => ({ signed: 'yes' }) }
    }
    const dispatcher = dispatcherWith({ transport, clock, signer })
    await dispatcher.enqueue(callbackRequest('a', url))
    const end = when(dispatcher, 'attempt:end')
    await dispatcher.runDue()
    expect(await end).toMatchObject({ recorded: false, attempt: { sent: 'no', outcome: { cause: 'local', message: 'no key' } } })
    expect(transport.sent).toEqual([])
    broken = false
    clock.advance(5000)
    await dispatcher.runDue()
    expect((await dispatcher.get('a'))?.delivery).toMatchObject({ state: 'delivered', attempts: 1 })
  })

  test('a transport that breaks its promise costs no attempt, and no slot', async () => {
    const clock = manualClock()
    const transport = fakeTransport((_request, n) => (n <= 3 ? Promise.reject(new Error('bug')) : answered(200)))
    const dispatcher = dispatcherWith({ transport, clock, concurrency: 1 })
    await dispatcher.enqueue(callbackRequest('a', url))
    for (let i = 0; i < 4; i++) {
      expect(await dispatcher.runDue()).toBe(1)
      clock.advance(5000)
    }
    expect((await dispatcher.get('a'))?.delivery).toMatchObject({ state: 'delivered', attempts: 1 })
  })

  test.each([undefined, null, {}, { outcome: {} }])('nor one that answers %j', async (report) => {
    const transport: Transport = { send: async () => report as never, close: async () => {} }
    const dispatcher = dispatcherWith({ transport })
    const ends: unknown[] = []
    dispatcher.on('attempt:end', ({ attempt: { outcome } }) => ends.push(outcome))
    await dispatcher.enqueue(callbackRequest('a', url))
    const websub = { profile: 'websub', websub: { topic: 't' } }
    await dispatcher.enqueue(callbackRequest('b', url, { metadata: websub }))
    await dispatcher.runDue()
    expect(ends).toMatchObject([{ code: 'ERR_TRANSPORT_FAILED' }, { code: 'ERR_TRANSPORT_FAILED' }])
    expect((await dispatcher.get('a'))?.delivery).toMatchObject({ state: 'pending', attempts: 0 })
  })

  test('webhook-id cannot be forged by the request', async () => {
    const transport = fakeTransport()
    const dispatcher = dispatcherWith({ transport })
    await dispatcher.enqueue(callbackRequest('a', url, { headers: { 'Webhook-Id': 'forged', 'WEBHOOK-ID': 'forged too' } }))
    await dispatcher.runDue()
    expect(transport.sent[0]?.headers).toEqual({ 'user-agent': 'ringback', 'webhook-id': 'a' })
  })
})

describe('a connection that the peer had closed', () => {
  const reset = (reusedConnection: boolean): SendReport => ({
    outcome: { kind: 'failed', cause: 'reset', code: 'ECONNRESET', message: '' },
    phase: 'request',
    sent: 'maybe',
    reusedConnection,
    timings: { total: 1 },
  })

  test.each([
    [true, 2, 'delivered'],
    [false, 1, 'pending'],
  ])('reused: %s, sent %i times, %s', async (reused, times, state) => {
    const transport = fakeTransport((_request, n) => (n === 1 ? reset(reused) : answered(200)))
    const dispatcher = dispatcherWith({ transport })
    await dispatcher.enqueue(callbackRequest('a', url))
    await dispatcher.runDue()
    expect(transport.sent).toHaveLength(times)
    expect((await dispatcher.get('a'))?.delivery).toMatchObject({ state, attempts: 1 })
  })

  test('only once', async () => {
    const transport = fakeTransport(() => reset(true))
    const dispatcher = dispatcherWith({ transport })
    await dispatcher.enqueue(callbackRequest('a', url))
    await dispatcher.runDue()
    expect(transport.sent).toHaveLength(2)
  })
})

describe('fairness', () => {
  test('at most so many at one time, in all and to one origin', async () => {
    const { transport, open, opened } = heldTransport()
    const dispatcher = dispatcherWith({ transport, concurrency: 5, perOriginConcurrency: 2 })
    for (let i = 0; i < 20; i++) await dispatcher.enqueue(callbackRequest(`a${i}`, 'https://a.example/cb'))
    for (let i = 0; i < 20; i++) await dispatcher.enqueue(callbackRequest(`b${i}`, 'https://b.example/cb'))
    dispatcher.start()
    await opened(4)
    let most = 0
    for (let answeredSoFar = 0; answeredSoFar < 40; answeredSoFar++) {
      await turns(5)
      const under = open.slice(answeredSoFar)
      most = Math.max(most, under.length)
      for (const host of ['a', 'b'])
        expect(under.filter((one) => one.url.includes(`${host}.example`)).length).toBeLessThanOrEqual(2)
      open[answeredSoFar]?.answer(answered(200))
    }
    expect(most).toBe(4)
    await turns()
    expect((await dispatcher.stats()).counts).toMatchObject({ delivered: 40, pending: 0, leased: 0 })
  })

  test('a thousand deliveries to a host that hangs do not hold up another host', async () => {
    const { transport, open, opened } = heldTransport()
    const dispatcher = dispatcherWith({ transport })
    dispatcher.start()
    for (let i = 0; i < 1000; i++) await dispatcher.enqueue(callbackRequest(`dead${i}`, 'https://dead.example/cb'))
    await opened(4)
    const delivered = when(dispatcher, 'delivered')
    await dispatcher.enqueue(callbackRequest('healthy', 'https://healthy.example/cb'))
    await opened(5)
    expect(open.map((one) => new URL(one.url).host)).toEqual([
      ...Array.from({ length: 4 }, () => 'dead.example'),
      'healthy.example',
    ])
    open[4]?.answer(answered(200))
    expect((await delivered).delivery.id).toBe('healthy')
  })

  test('Retry-After holds up the others to the same origin for as long, at most a minute', async () => {
    const clock = manualClock()
    const times: [string, number][] = []
    const startedAt = clock.now()
    const transport = fakeTransport((request, n) => {
      times.push([new URL(request.url).host, clock.now() - startedAt])
      return n === 1 ? answered(503, { 'retry-after': '30' }) : answered(200)
    })
    const dispatcher = dispatcherWith({ transport, clock, perOriginConcurrency: 1 })
    for (const id of ['a1', 'a2', 'a3']) await dispatcher.enqueue(callbackRequest(id, 'https://a.example/cb'))
    await dispatcher.enqueue(callbackRequest('b1', 'https://b.example/cb'))
    expect(await dispatcher.runDue()).toBe(2)
    clock.advance(29_999)
    expect(await dispatcher.runDue()).toBe(0)
    clock.advance(1)
    expect(await dispatcher.runDue()).toBe(3)
    expect(times.map(([host]) => host).sort()).toEqual(['a.example', 'a.example', 'a.example', 'a.example', 'b.example'])
    expect((await dispatcher.get('a2'))?.delivery.attempts).toBe(1)
  })

  test('an ordering key keeps the order, over retries', async () => {
    const clock = manualClock()
    const order: string[] = []
    const transport = fakeTransport((request, n) => {
      order.push(String(request.headers['webhook-id']))
      return answered(n % 2 === 1 ? 500 : 200)
    })
    const dispatcher = dispatcherWith({ transport, clock, retry: retrySchedule([0, '1s']) })
    for (const id of ['a', 'b', 'c']) await dispatcher.enqueue(callbackRequest(id, url), { orderingKey: 'k' })
    for (let i = 0; i < 5; i++) {
      await dispatcher.runDue()
      clock.advance(2000)
    }
    expect(order).toEqual(['a', 'a', 'b', 'b', 'c', 'c'])
  })
})

test('what was delivered is forgotten after 7 days, what is dead after 30', async () => {
  const clock = manualClock()
  const transport = fakeTransport((_request, n) => answered(n === 1 ? 200 : 410))
  const dispatcher = dispatcherWith({ transport, clock })
  for (const id of ['a', 'b']) {
    await dispatcher.enqueue(callbackRequest(id, url))
    await dispatcher.runDue()
  }
  const left = async (days: number): Promise<string[]> => {
    clock.advance(days * 86_400_000)
    await dispatcher.runDue()
    return (await dispatcher.list()).map(({ id }) => id)
  }
  expect(await left(7)).toEqual(['a', 'b'])
  expect(await left(0.01)).toEqual(['b'])
  expect(await left(22.99)).toEqual(['b'])
  expect(await left(0.01)).toEqual([])
})

test('with nothing before it, a delivery is leased as it is stored; with something, it waits its turn', async () => {
  for (const isQueued of [false, true]) {
    const store = memoryStore()
    const claimed: number[] = []
    const counting = {
      ...store,
      claim: async (claim: Parameters<typeof store.claim>[0]) => {
        const leased = await store.claim(claim)
        claimed.push(leased.length)
        return leased
      },
    }
    const { transport, open, opened } = heldTransport()
    const dispatcher = dispatcherWith({ transport, store: counting, perOriginConcurrency: 1, concurrency: 3 })
    dispatcher.start()
    await turns()
    await dispatcher.enqueue(callbackRequest('a', url), isQueued ? { orderingKey: 'k' } : {})
    await dispatcher.enqueue(callbackRequest('b', url))
    await opened(1)
    await turns()
    expect(claimed.reduce((sum, n) => sum + n, 0)).toBe(isQueued ? 2 : 0)
    open[0]?.answer(answered(200))
    await opened(2)
    open[1]?.answer(answered(200))
    await turns()
    expect((await dispatcher.stats()).counts).toMatchObject({ delivered: 2, leased: 0, pending: 0 })
  }
})

test('what could not be stored gives its slot back', async () => {
  const store = memoryStore()
  let isFull = true
  const moody = {
    ...store,
    insert: (...given: Parameters<typeof store.insert>) => (isFull ? Promise.reject(new Error('full')) : store.insert(...given)),
  }
  const dispatcher = dispatcherWith({ transport: fakeTransport(), store: moody, concurrency: 1 })
  dispatcher.start()
  await turns()
  await expect(dispatcher.enqueue(callbackRequest('a', url))).rejects.toThrow('full')
  isFull = false
  const delivered = when(dispatcher, 'delivered')
  await dispatcher.enqueue(callbackRequest('a', url))
  await delivered
  expect(await dispatcher.enqueue(callbackRequest('a', url))).toEqual({ id: 'a', isNew: false })
  const second = when(dispatcher, 'delivered')
  await dispatcher.enqueue(callbackRequest('b', url))
  expect((await second).delivery.id).toBe('b')
})

describe('stop', () => {
  test('waits for what is under way, and gives back the rest', async () => {
    const { transport, open, opened } = heldTransport()
    const dispatcher = dispatcherWith({ transport, perOriginConcurrency: 1 })
    for (const id of ['a', 'b', 'c']) await dispatcher.enqueue(callbackRequest(id, url))
    dispatcher.start()
    await opened(1)
    let stopped = false
    const stopping = dispatcher.stop().then(() => {
      stopped = true
    })
    await turns()
    expect(stopped).toBe(false)
    open[0]?.answer(answered(200))
    await stopping
    expect((await dispatcher.stats()).counts).toMatchObject({ delivered: 1, pending: 2, leased: 0 })
    expect(transport.sent).toHaveLength(1)
  })

  test('ends what takes longer, without counting the attempt; a new start goes on', async () => {
    const clock = manualClock()
    let hangs = true
    const transport = fakeTransport(() => (hangs ? new Promise(() => {}) : answered(200)))
    const dispatcher = dispatcherWith({ transport, clock })
    await dispatcher.enqueue(callbackRequest('a', url))
    const started = when(dispatcher, 'attempt:start')
    dispatcher.start()
    await started
    await turns()
    const stopping = dispatcher.stop({ drainMs: 5000 })
    await turns()
    clock.advance(5000)
    await stopping
    expect((await dispatcher.get('a'))?.delivery).toMatchObject({ state: 'pending', attempts: 0 })
    hangs = false
    const delivered = when(dispatcher, 'delivered')
    dispatcher.start()
    expect((await delivered).delivery).toMatchObject({ id: 'a', attempts: 1 })
    expect(transport.sent).toHaveLength(2)
  })

  test.each([{ drainMs: Number.NaN }, { drainMs: '1s' }, { drainMs: -5 }, { drainMs: null }, { drain: 5 }])(
    'options that are mistaken end nothing: %j',
    async (mistaken) => {
      const { transport, open, opened } = heldTransport()
      const dispatcher = dispatcherWith({ transport })
      dispatcher.start()
      await dispatcher.enqueue(callbackRequest('a', url))
      await opened(1)
      await expect(dispatcher.stop(mistaken as object)).rejects.toThrow(TypeError)
      for (const { answer } of open) answer(answered(200))
      await turns()
      await dispatcher.stop()
      expect((await dispatcher.get('a'))?.delivery).toMatchObject({ state: 'delivered' })
    },
  )

  test('twice, before a start, and at once after it', async () => {
    const dispatcher = dispatcherWith({ transport: fakeTransport() })
    await dispatcher.stop()
    await dispatcher.enqueue(callbackRequest('a', url))
    dispatcher.start()
    await dispatcher.stop()
    await dispatcher.stop()
    expect((await dispatcher.stats()).counts.leased).toBe(0)
  })
})

describe('events', () => {
  test('tell the way of a delivery, also on diagnostics_channel', async () => {
    const clock = manualClock()
    const dispatcher = dispatcherWith({
      transport: fakeTransport((_request, n) => answered(n === 1 ? 500 : 200)),
      clock,
      retry: retrySchedule([0, 1]),
    })
    const names = ['enqueued', 'attempt:start', 'attempt:end', 'delivered', 'dead'] as const
    const told: string[] = []
    const published: string[] = []
    const listeners = names.map((name) => {
      dispatcher.on(name, () => told.push(name))
      const listener = (): number => published.push(name)
      diagnostics.subscribe(`ringback:${name}`, listener)
      return () => diagnostics.unsubscribe(`ringback:${name}`, listener)
    })
    await dispatcher.enqueue(callbackRequest('a', url))
    await dispatcher.runDue()
    clock.advance(10)
    await dispatcher.runDue()
    for (const off of listeners) off()
    const expected = ['enqueued', 'attempt:start', 'attempt:end', 'attempt:start', 'attempt:end', 'delivered']
    expect(told).toEqual(expected)
    expect(published).toEqual(expected)
  })

  test.each([
    ['by the policy', { url: 'https://10.0.0.1/cb' }, 'refused'],
    ['as no request', { method: 'CONNECT' }, 'unbuildable'],
  ])('what is refused %s is told before the end of its delivery', async (_how, changes, kind) => {
    const dispatcher = dispatcherWith({})
    const told: unknown[] = []
    dispatcher.on('refused', ({ delivery, attempt }) => told.push('refused', delivery.state, attempt.outcome.kind))
    dispatcher.on('dead', ({ delivery }) => told.push('dead', delivery.reason))
    await dispatcher.enqueue({ ...callbackRequest('a', url), ...changes })
    await dispatcher.runDue()
    expect(told).toEqual(['refused', 'dead', kind, 'dead', 'refused'])
  })

  test.each([5, undefined, {}])('%j is no listener', (listener) => {
    expect(() => dispatcherWith({}).on('dead', listener as never)).toThrow('Expected a function to listen to "dead"')
  })

  test('an unknown name is a mistake', () => {
    expect(() => dispatcherWith({}).on('done' as 'dead', () => {})).toThrow(/enqueued, attempt:start/)
  })

  test('a listener that throws disturbs nothing, and is not swallowed', async () => {
    const uncaught = new Promise<unknown>((resolve) => {
      const before = process.listeners('uncaughtException')
      process.removeAllListeners('uncaughtException')
      process.once('uncaughtException', (error) => {
        for (const listener of before) process.on('uncaughtException', listener)
        resolve(error)
      })
    })
    const dispatcher = dispatcherWith({ transport: fakeTransport() })
    dispatcher.on('attempt:start', () => {
      throw new Error('mine')
    })
    await dispatcher.enqueue(callbackRequest('a', url))
    await dispatcher.runDue()
    expect(await uncaught).toMatchObject({ message: 'mine' })
    expect((await dispatcher.get('a'))?.delivery.state).toBe('delivered')
  })
})

test('the record of an attempt keeps what an operator needs, and no more', async () => {
  const transport = fakeTransport(() => ({
    ...answered(500),
    outcome: {
      kind: 'response',
      status: 500,
      headers: { 'content-type': 'text/html', 'set-cookie': 'session=1', 'retry-after': '7' },
      body: new Uint8Array(10_000).fill(65),
      completeness: 'complete',
    },
  }))
  const dispatcher = dispatcherWith({ transport, store: memoryStore() })
  await dispatcher.enqueue(callbackRequest('a', url))
  await dispatcher.runDue()
  const outcome = (await dispatcher.get('a'))?.attempts[0]?.outcome
  expect(outcome).toEqual({
    kind: 'response',
    status: 500,
    headers: { 'content-type': 'text/html', 'retry-after': '7' },
    body: new Uint8Array(4096).fill(65),
  })
})
