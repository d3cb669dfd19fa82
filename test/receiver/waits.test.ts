import {
  CallbackCancelledError,
  CallbackCompletedError,
  type CallbackEndpoint,
  CallbackExpiredError,
  CallbackTimeoutError,
  CallbackUnexpectedError,
  type Duration,
  memoryStore,
  waitWithRetry,
} from 'ringback/receiver'
import { describe, expect, test } from 'vitest'
import { all, bench, isPending, json } from './support.ts'

const bodies = (calls: readonly { readonly body: unknown }[]): unknown[] => calls.map(({ body }) => body)

describe('next', () => {
  test('U-24 G-15 G-20 waits for the call', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create()
    const wait = cb.next()
    expect(await isPending(wait)).toBe(true)
    expect((await cb.status()).waiters).toBe(1)
    await send(cb, { body: { n: 1 } })
    expect((await wait).body).toEqual({ n: 1 })
    expect((await cb.status()).waiters).toBe(0)
  })

  test('A-13 O-32 finds a call that came before it', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create()
    await send(cb, { body: 1 })
    expect((await cb.next()).body).toBe(1)
  })

  test('G-13 G-14 G-17 empties the slot, which can be filled again', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create({ slots: 1 })
    for (const n of [1, 2, 3]) {
      expect((await send(cb, { body: n })).status).toBe(200)
      expect((await cb.status()).stored).toBe(1)
      expect((await send(cb, { body: 'no room' })).status).toBe(429)
      expect((await cb.next()).body).toBe(n)
      expect((await cb.status()).stored).toBe(0)
    }
    expect((await send(cb, { body: 'perhaps never read' })).status).toBe(200)
    expect((await cb.status()).stored).toBe(1)
  })

  test('G-20 G-22 O-35 ten waits get ten calls, in order', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create({ slots: 0 })
    const waits = Array.from({ length: 10 }, () => cb.next())
    for (let n = 0; n < 10; n++) expect((await send(cb, { body: n })).status).toBe(200)
    expect(bodies(await Promise.all(waits))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect((await send(cb)).status).toBe(429)
  })

  test('O-35 the order of waits is that of the calls, however slow the store is', async () => {
    const store = memoryStore()
    let slow = 10
    const { receiver, send } = bench({
      store: {
        ...store,
        // Each registration takes less time than the one before.
        async claim(...args) {
          for (let turns = slow--; turns > 0; turns--) await new Promise<void>((resolve) => setImmediate(resolve))
          return store.claim(...args)
        },
      },
    })
    const cb = await receiver.create()
    const waits = Array.from({ length: 10 }, () => cb.next())
    for (let n = 0; n < 10; n++) await send(cb, { body: n })
    expect(bodies(await Promise.all(waits))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('G-21 twelve concurrent calls for ten waits and one slot: ten handed over, one stored, one refused', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create({ slots: 1 })
    const waits = Array.from({ length: 10 }, () => cb.next())
    await expect.poll(async () => (await cb.status()).waiters).toBe(10)
    const statuses = (await Promise.all(Array.from({ length: 12 }, (_, n) => send(cb, { body: n })))).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(11)
    expect(statuses.filter((status) => status === 429)).toHaveLength(1)
    expect(new Set(bodies(await Promise.all(waits))).size).toBe(10)
    expect((await cb.status()).stored).toBe(1)
  })

  test('U-25 two waits need two calls; a named wait gets its call again', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create()
    await send(cb, { body: 1 })
    expect((await cb.next({ waiter: 'order-42' })).body).toBe(1)
    expect((await cb.next({ waiter: 'order-42' })).body).toBe(1)
    const other = cb.next()
    expect(await isPending(other)).toBe(true)
    await send(cb, { body: 2 })
    expect((await other).body).toBe(2)
  })

  test('two waits of one name at once get the same call, and one may give up', async () => {
    const { receiver, clock, send } = bench()
    const cb = await receiver.create()
    const impatient = cb.next({ waiter: 'w', timeout: '1s' })
    const patient = [cb.next({ waiter: 'w' }), cb.next({ waiter: 'w' })]
    await Promise.all([expect(impatient).rejects.toBeInstanceOf(CallbackTimeoutError), clock.advance(1000)])
    await send(cb, { body: 1 })
    expect(bodies(await Promise.all(patient))).toEqual([1, 1])
    expect((await cb.status()).accepted).toBe(1)
  })

  test('G-31 receivedAt is when the call came, not when it was read', async () => {
    const { receiver, clock, send } = bench()
    const cb = await receiver.create()
    const t0 = clock.now()
    await send(cb)
    await clock.advance(60_000)
    const call = await cb.next()
    expect(call.receivedAt.getTime()).toBe(t0)
    expect(call.toGcp().received_time).toBe(new Date(t0).toISOString())
  })

  test('G-23 an endpoint can be awaited through another handle', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create()
    const wait = (await receiver.open(cb.id)).next()
    await send(cb, { body: 1 })
    expect((await wait).body).toBe(1)
  })

  test('U-26 no route gives a stored body away', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create({ method: ['GET', 'POST'], subPaths: true })
    await send(cb, { body: 'needle' })
    for (const tail of ['', '/', '/calls', `/${cb.id}`, '?calls']) {
      expect(await (await send(cb, { method: 'GET', tail })).text()).not.toContain('needle')
    }
  })
})

describe('timeouts', () => {
  test('G-05 O-38 a timeout says what was awaited and what came instead', async () => {
    const { receiver, clock, send } = bench()
    const schema = { type: 'object', properties: { success: { type: 'boolean' } } }
    const cb = await receiver.create({ schema })
    await clock.advance(1204)
    await send(cb, { body: '<a/>', headers: { 'content-type': 'text/xml' } })
    await clock.advance(2307)
    await send(cb, { body: { success: 'yes' } })
    for (let i = 0; i < 4; i++) await receiver.handle(new Request(`${cb.url}${i}`, { method: 'POST' }))
    const wait = cb.next({ timeout: '5s' })
    const [error] = await Promise.all([wait.catch((reason: unknown) => reason), clock.advance(5000)])
    if (!(error instanceof CallbackTimeoutError)) throw new TypeError('Expected a timeout', { cause: error })
    expect(error).toMatchObject({ code: 'ERR_CALLBACK_TIMEOUT', endpointId: cb.id, tags: ['TimeoutError'] })
    expect(String(error)).toBe(
      [
        `CallbackTimeoutError: no call on POST callback ${cb.id} (open, 0 unread) within 5000 ms.`,
        '2 requests were refused:',
        '  00:00:01.204 POST 415 media-type  text/xml (allowed: application/json, application/*+json)',
        '  00:00:03.511 POST 422 schema      body /success must be boolean (schema #/properties/success/type)',
        '4 requests hit unknown callbacks of this receiver.',
      ].join('\n'),
    )
    expect(error.rejections.map(({ status, code }) => [status, code])).toEqual([
      [415, 'media-type'],
      [422, 'schema'],
    ])
    expect(error.status).toMatchObject({ id: cb.id, state: 'open', rejected: 2 })
  })

  test('a timeout without anything to tell is one line', async () => {
    const { receiver, clock } = bench()
    const cb = await receiver.create({ method: ['GET', 'PUT'] })
    const wait = cb.next({ timeout: 1 }).catch(String)
    await clock.advance(1)
    expect(await wait).toBe(`CallbackTimeoutError: no call on GET|PUT callback ${cb.id} (open, 0 unread) within 1 ms.`)
  })

  test('of many refusals the last ten are shown', async () => {
    const { receiver, clock, send } = bench()
    const cb = await receiver.create()
    for (let i = 0; i < 60; i++) await send(cb, { method: 'PUT' })
    const wait = cb.next({ timeout: 1 }).catch(String)
    await clock.advance(1)
    const lines = (await wait).toString().split('\n')
    expect(lines[1]).toBe('60 requests were refused; the last 10:')
    expect(lines).toHaveLength(12)
  })

  test('G-07 G-08 a timeout is per wait, and ends nothing', async () => {
    const { receiver, clock, send } = bench()
    const cb = await receiver.create()
    for (let i = 0; i < 2; i++) {
      const wait = cb.next({ timeout: '1s' })
      const failed = expect(wait).rejects.toBeInstanceOf(CallbackTimeoutError)
      await clock.advance(999)
      expect(await isPending(wait)).toBe(true)
      await clock.advance(1)
      await failed
    }
    expect((await cb.status()).waiters).toBe(0)
    await send(cb, { body: 1 })
    expect((await cb.next()).body).toBe(1)
  })

  test('a wait of no time looks once', async () => {
    const { receiver, clock, send } = bench()
    const cb = await receiver.create()
    const wait = expect(cb.next({ timeout: 0 })).rejects.toBeInstanceOf(CallbackTimeoutError)
    await clock.advance(0)
    await wait
    await send(cb)
    expect((await cb.next({ timeout: 0 })).seq).toBe(1)
  })

  test('the receiver has a default', async () => {
    const { receiver, clock } = bench({ defaultTimeout: '5s' })
    const cb = await receiver.create()
    const wait = expect(cb.next()).rejects.toThrow(/within 5000 ms/)
    await clock.advance(5000)
    await wait
  })

  test.each([-1, Number.NaN, 'soon', '1 s', '-1s', '', null, {}])(
    'G-06 a timeout of %s is refused before anybody waits',
    async (timeout) => {
      const { receiver } = bench()
      const cb = await receiver.create()
      await expect(cb.next({ timeout: timeout as Duration })).rejects.toBeInstanceOf(TypeError)
      expect((await cb.status()).waiters).toBe(0)
    },
  )

  test('U-27 a wait without a timeout ends with the endpoint', async () => {
    const { receiver, clock } = bench()
    const cb = await receiver.create()
    const wait = expect(cb.next()).rejects.toBeInstanceOf(CallbackExpiredError)
    await clock.advance(43_200_000)
    await wait
  })

  test('O-33 a call at the very end of a wait is delivered or kept', async () => {
    for (let i = 0; i < 20; i++) {
      const { receiver, clock, send } = bench()
      const cb = await receiver.create({ slots: i % 2 })
      const wait = cb.next({ timeout: '1s' }).then(
        () => 'delivered',
        () => 'timeout',
      )
      const [response, outcome] =
        i < 10
          ? await Promise.all([send(cb), wait, clock.advance(1000)])
          : await Promise.all([clock.advance(1000).then(() => send(cb)), wait])
      const kept = (await cb.status()).stored
      expect(response.status).toBe(outcome === 'delivered' || kept === 1 ? 200 : 429)
      expect(outcome === 'delivered' && kept === 1).toBe(false)
    }
  })
})

describe('giving up', () => {
  test('O-34 an aborted wait leaves its place to the next', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create()
    const controller = new AbortController()
    const first = cb.next({ signal: controller.signal })
    const second = cb.next()
    await isPending(second)
    controller.abort(new Error('enough'))
    await expect(first).rejects.toThrow('enough')
    await send(cb, { body: 1 })
    expect((await second).body).toBe(1)
  })

  test('O-34 a wait that is aborted from the start does not register', async () => {
    const { receiver } = bench()
    const cb = await receiver.create()
    await expect(cb.next({ signal: AbortSignal.abort(new Error('never')) })).rejects.toThrow('never')
    expect((await cb.status()).waiters).toBe(0)
  })

  test('O-34 a call that came for an aborted wait is not lost', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create({ slots: 0 })
    const controller = new AbortController()
    const first = cb.next({ signal: controller.signal })
    await isPending(first)
    const sent = send(cb, { body: 1 })
    controller.abort(new Error('enough'))
    const outcome = await first.then(({ body }) => body, String)
    const { status } = await sent
    if (outcome === 'Error: enough' && status === 200) expect((await cb.next()).body).toBe(1)
    else expect([outcome, status]).toEqual(status === 200 ? [1, 200] : ['Error: enough', 429])
  })

  test('O-42 cancel() and leaving the scope end every wait at once', async () => {
    const { receiver, send, events } = bench()
    let wait: Promise<unknown>
    let id: string
    {
      await using cb = await receiver.create()
      id = cb.id
      wait = cb.next()
      wait.catch(() => {})
      await isPending(wait)
    }
    await expect(wait).rejects.toBeInstanceOf(CallbackCancelledError)
    await expect(wait).rejects.toMatchObject({ code: 'ERR_CALLBACK_CANCELLED', endpointId: id })
    const cb = await receiver.create()
    await send(cb)
    await cb.cancel('no longer needed')
    await cb.cancel('again')
    await expect(cb.next()).rejects.toMatchObject({ reason: 'no longer needed' })
    expect(await cb.status()).toMatchObject({ state: 'cancelled', reason: 'no longer needed', stored: 1 })
    expect(await cb.calls()).toMatchObject([{ unread: true }])
    expect(events.filter(({ type }) => type === 'ended').map(({ detail }) => detail)).toEqual(['cancelled', 'cancelled'])
  })

  test('closing the receiver ends every wait, and nothing is left behind', async () => {
    const { receiver, clock } = bench()
    const cb = await receiver.create()
    const waits = Array.from({ length: 3 }, () => cb.next({ timeout: '1m' }))
    const ends = Promise.all(waits.map((wait) => expect(wait).rejects.toMatchObject({ code: 'ERR_RECEIVER_CLOSED' })))
    await isPending(waits[0] ?? Promise.reject(new Error('no wait')))
    await receiver[Symbol.asyncDispose]()
    await ends
    expect(clock.pending).toBe(0)
    await expect(cb.next()).rejects.toMatchObject({ code: 'ERR_RECEIVER_CLOSED' })
    await expect(receiver.create()).rejects.toMatchObject({ code: 'ERR_RECEIVER_CLOSED' })
    for (const url of [cb.url, `${cb.url}x`])
      expect((await receiver.handle(new Request(url, { method: 'POST' }))).status).toBe(503)
    await receiver[Symbol.asyncDispose]()
  })
})

describe('the end', () => {
  test('O-73 a completed or expired endpoint still gives what is unread, a cancelled one does not', async () => {
    const { receiver, clock, send } = bench()
    const once = await receiver.create({ maxCalls: 1 })
    await send(once, { body: 1 })
    expect((await once.status()).state).toBe('completed')
    expect((await once.next()).body).toBe(1)
    await expect(once.next()).rejects.toBeInstanceOf(CallbackCompletedError)

    const short = await receiver.create({ expiresIn: '1m' })
    await send(short, { body: 2 })
    await clock.advance(60_000)
    expect((await short.next()).body).toBe(2)
    await expect(short.next()).rejects.toBeInstanceOf(CallbackExpiredError)
  })

  test('O-25 maxCalls completes at the n-th call, whatever comes at once', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create({ maxCalls: 3 })
    const late = cb.next()
    const statuses = (await Promise.all(Array.from({ length: 20 }, () => send(cb)))).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(3)
    expect(statuses.filter((status) => status === 410)).toHaveLength(17)
    expect((await late).seq).toBe(1)
  })

  test('a wait ends when the last call goes to another', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create({ maxCalls: 1 })
    const waits = [cb.next(), cb.next()]
    const second = expect(waits[1]).rejects.toBeInstanceOf(CallbackCompletedError)
    await isPending(waits[1] ?? Promise.reject(new Error('no wait')))
    await send(cb)
    expect((await waits[0])?.seq).toBe(1)
    await second
  })

  test.each([
    ['completed', (cb: CallbackEndpoint) => cb.complete(), undefined],
    ['cancelled', (cb: CallbackEndpoint) => cb.cancel(), CallbackCancelledError],
    ['expired', undefined, CallbackExpiredError],
  ] as const)('O-41 for await reads on until the endpoint is %s', async (_state, end, error) => {
    const { receiver, clock, send } = bench()
    const cb = await receiver.create()
    await send(cb, { body: 1 })
    const seen: unknown[] = []
    const reading = (async () => {
      for await (const { body } of cb) seen.push(body)
    })()
    const outcome = error === undefined ? expect(reading).resolves.toBeUndefined() : expect(reading).rejects.toBeInstanceOf(error)
    await expect.poll(() => seen.length).toBe(1)
    await send(cb, { body: 2 })
    await expect.poll(() => seen.length).toBe(2)
    await (end === undefined ? clock.advance(43_200_000) : end(cb))
    await outcome
    expect(seen).toEqual([1, 2])
  })

  test('O-41 leaving a loop leaves the rest unread', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create()
    for (const n of [1, 2, 3]) await send(cb, { body: n })
    for await (const { body } of cb) if (body === 2) break
    expect((await cb.next()).body).toBe(3)
  })
})

describe('take and expectNone', () => {
  test('O-40 take gives n calls, or says how many there were', async () => {
    const { receiver, clock, send } = bench()
    const cb = await receiver.create()
    for (const n of [1, 2]) await send(cb, { body: n })
    expect(bodies(await cb.take(2))).toEqual([1, 2])
    expect(await cb.take(0)).toEqual([])
    for (const n of [3, 4]) await send(cb, { body: n })
    const wait = cb.take(3, { timeout: '1s' })
    const [error] = await Promise.all([wait.catch((reason: unknown) => reason), clock.advance(1000)])
    expect(error).toBeInstanceOf(CallbackTimeoutError)
    expect(error).toMatchObject({ message: expect.stringContaining('2 of 3 calls on POST callback') })
    expect(bodies((error as CallbackTimeoutError).received)).toEqual([3, 4])
    expect(JSON.stringify(error)).not.toContain('received')
  })

  test('O-40 the time of take is one for all', async () => {
    const { receiver, clock, send } = bench()
    const cb = await receiver.create()
    const wait = expect(cb.take(2, { timeout: '1s' })).rejects.toThrow(/1 of 2 calls .* within 1000 ms/)
    await clock.advance(600)
    await send(cb)
    await clock.advance(400)
    await wait
  })

  test('take under a name gives the same calls again', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create()
    for (const n of [1, 2]) await send(cb, { body: n })
    expect(bodies(await cb.take(2, { waiter: 'w' }))).toEqual([1, 2])
    expect(bodies(await cb.take(2, { waiter: 'w' }))).toEqual([1, 2])
  })

  test.each([-1, 1.5, Number.NaN])('take(%s) is a TypeError', async (n) => {
    const cb = await bench().receiver.create()
    await expect(cb.take(n)).rejects.toBeInstanceOf(TypeError)
  })

  test('O-39 expectNone is content when nothing comes', async () => {
    const { receiver, clock, send } = bench()
    const cb = await receiver.create()
    const wait = cb.expectNone('1s')
    await clock.advance(999)
    expect(await isPending(wait)).toBe(true)
    await clock.advance(1)
    await wait
    expect((await send(cb)).status).toBe(200)
  })

  test('O-39 expectNone rejects with the call as soon as one comes', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create()
    const wait = cb.expectNone('1s')
    const failed = expect(wait).rejects.toMatchObject({ code: 'ERR_CALLBACK_UNEXPECTED', endpointId: cb.id })
    const call = wait.catch((error: unknown) => (error instanceof CallbackUnexpectedError ? error.call : error))
    await isPending(wait)
    await send(cb, { body: 7 })
    await failed
    expect(await call).toMatchObject({ body: 7 })
  })

  test('O-39 nothing can come at an ended endpoint', async () => {
    const cb = await bench().receiver.create()
    await cb.complete()
    await expect(cb.expectNone('1h')).resolves.toBeUndefined()
  })
})

describe('waitWithRetry', () => {
  const options = { timeout: '60s', maxRetries: 5, initialDelay: '1s', maxDelay: '10s', multiplier: 2 } as const

  test('G-09 six waits of a minute, pauses of 1, 2, 4, 8, 10 s: the last error comes at 385 s', async () => {
    const { receiver, clock, events } = bench()
    const cb = await receiver.create()
    const t0 = clock.now()
    let failedAt = 0
    const wait = waitWithRetry(cb, { ...options, clock }).catch((error: unknown) => {
      failedAt = clock.now() - t0
      return error
    })
    await clock.advance(400_000)
    expect(await wait).toBeInstanceOf(CallbackTimeoutError)
    expect(failedAt).toBe(385_000)
    expect(events.filter(({ type }) => type === 'timeout').map(({ at }) => at.getTime() - t0)).toEqual(
      [60, 121, 183, 247, 315, 385].map((s) => s * 1000),
    )
  })

  test('G-10 the predicate decides; other errors pass at once', async () => {
    const { receiver, clock } = bench()
    const cb = await receiver.create()
    const seen: unknown[] = []
    const wait = waitWithRetry(cb, {
      ...options,
      clock,
      predicate: (error) => seen.push(error) > 0 && error instanceof CallbackTimeoutError,
    })
    const failed = expect(wait).rejects.toBeInstanceOf(CallbackCancelledError)
    await clock.advance(60_000)
    await clock.advance(1000)
    await cb.cancel()
    await failed
    expect(seen.map((error) => (error as Error).name)).toEqual(['CallbackTimeoutError', 'CallbackCancelledError'])
  })

  test('G-11 a call during a pause is kept for the next wait', async () => {
    const { receiver, clock, send } = bench()
    const cb = await receiver.create({ slots: 1 })
    const wait = waitWithRetry(cb, { ...options, clock })
    await clock.advance(60_500)
    expect((await send(cb, { body: 1 })).status).toBe(200)
    expect(await isPending(wait)).toBe(true)
    await clock.advance(500)
    expect((await wait).body).toBe(1)
  })

  test.each([{ maxRetries: -1 }, { multiplier: 0.5 }, { initialDelay: -1 }, { maxDelay: Number.POSITIVE_INFINITY }])(
    '%o is a TypeError',
    async (bad) => {
      const cb = await bench().receiver.create()
      await expect(waitWithRetry(cb, { ...options, ...bad })).rejects.toBeInstanceOf(TypeError)
    },
  )
})

describe('many', () => {
  test('G-36 O-72 ten thousand waits use one timer', async () => {
    const { receiver, clock } = bench()
    const waits: Promise<unknown>[] = []
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 10_000; i++) {
      const cb = await receiver.create()
      waits.push(cb.next({ timeout: '1h' }).catch(() => 'closed'))
    }
    expect(clock.pending).toBe(1)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200e6)
    await receiver[Symbol.asyncDispose]()
    expect(new Set(await Promise.all(waits))).toEqual(new Set(['closed']))
    expect(clock.pending).toBe(0)
  })

  test('O-72 endpoints that nobody waits for use none', async () => {
    const { receiver, clock } = bench()
    for (let i = 0; i < 1000; i++) await receiver.create()
    expect(clock.pending).toBe(0)
  })

  test('G-35 list gives what is known of each, in the order of ids', async () => {
    const { receiver, send } = bench()
    for (let i = 0; i < 250; i++) await receiver.create({ metadata: { n: String(i) } })
    const [first] = await all(receiver.list({ limit: 1 }))
    const statuses = await all(receiver.list())
    const ids = statuses.map(({ id }) => id)
    expect(ids).toHaveLength(250)
    expect(ids).toEqual([...ids].sort())
    expect(first).toEqual(statuses[0])
    expect(new Set(statuses.map(({ metadata }) => metadata.n)).size).toBe(250)
    const cb = await receiver.open(ids[99] ?? '')
    await cb.complete()
    expect((await all(receiver.list({ state: 'open' }))).length).toBe(249)
    expect((await all(receiver.list({ state: 'completed' }))).map(({ id }) => id)).toEqual([cb.id])
    expect((await all(receiver.list({ after: ids[247] ?? '' }))).map(({ id }) => id)).toEqual(ids.slice(248))
    expect((await all(receiver.list({ limit: 150 }))).length).toBe(150)
    const posted = await receiver.create()
    await send(posted, { body: {}, headers: json })
    const wait = posted.take(2).catch(() => {})
    await isPending(wait)
    expect(await posted.status()).toMatchObject({ methods: ['POST'], stored: 0, waiters: 1, accepted: 1 })
  })
})
