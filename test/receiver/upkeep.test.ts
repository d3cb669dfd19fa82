import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createReceiver, memoryStore, type ReceiverEvent } from 'ringback/receiver'
import { describe, expect, test } from 'vitest'
import { buildScript, sourceFile } from '../support/child.ts'
import { manualClock } from '../support/manual-clock.ts'
import { bench, requestOf } from './support.ts'

describe('a receiver sweeps by itself', () => {
  test('410 for 24 hours, then 404, and nothing is left in the store', async () => {
    const { receiver, clock, events } = bench({ sweepEvery: '1m' })
    const cb = await receiver.create({ expiresIn: '1h' })
    const status = async (): Promise<number> => (await receiver.handle(requestOf(cb.url))).status
    await clock.advance(61 * 60_000)
    // Nobody asked for it.
    expect(events.filter(({ type }) => type === 'ended')).toMatchObject([{ callbackId: cb.id, detail: 'expired' }])
    await clock.advance(22 * 3_600_000)
    expect(await status()).toBe(410)
    await clock.advance(2 * 3_600_000)
    expect(await status()).toBe(404)
    await expect(receiver.open(cb.id)).rejects.toMatchObject({ code: 'ERR_CALLBACK_UNKNOWN' })
    await receiver[Symbol.asyncDispose]()
    expect(clock.pending).toBe(0)
  }, 60_000)

  test('a sweep that fails is told, and tried again', async () => {
    const clock = manualClock()
    const events: ReceiverEvent[] = []
    const store = memoryStore()
    let fails = true
    const receiver = createReceiver({
      baseUrl: 'https://hooks.example.org',
      clock,
      onEvent: (event) => void events.push(event),
      store: {
        ...store,
        async expireDue(now, limit) {
          if (fails) throw new RangeError('away')
          return store.expireDue(now, limit)
        },
      },
    })
    await receiver.create({ expiresIn: '1s' })
    await clock.advance(60_000)
    expect(events.at(-1)).toMatchObject({ type: 'failed', callbackId: '', detail: 'sweep: RangeError' })
    fails = false
    await clock.advance(60_000)
    expect(events.at(-1)).toMatchObject({ type: 'ended', detail: 'expired' })
    await receiver[Symbol.asyncDispose]()
  })

  test('sweepEvery: false leaves it to sweep(), and other values are durations', async () => {
    const { receiver, clock } = bench({ sweepEvery: false })
    await receiver.create()
    expect(clock.pending).toBe(0)
    expect(() => bench({ sweepEvery: 'often' as '1s' })).toThrow(/sweepEvery/)
  })

  test('its timer keeps no process alive', async () => {
    const script = await buildScript(`
      import { createReceiver } from ${sourceFile('receiver/index.ts')}
      process.disconnect()
      await createReceiver({ baseUrl: 'https://hooks.example.org' }).create()
    `)
    try {
      const child = script.start()
      expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0)
    } finally {
      script.remove()
    }
  })
})

describe('listen()', () => {
  const freePort = async (): Promise<number> => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    return port
  }

  test('listens where a loopback baseUrl says', async () => {
    const baseUrl = `http://127.0.0.1:${await freePort()}`
    await using receiver = createReceiver({ baseUrl })
    expect((await receiver.listen()).url).toBe(baseUrl)
    const cb = await receiver.create()
    expect((await fetch(cb.url, { method: 'POST' })).status).toBe(200)
  })

  test('anywhere behind a proxy, and where it is told', async () => {
    await using receiver = createReceiver({ baseUrl: 'https://hooks.example.org' })
    expect((await receiver.listen()).url).toBe('https://hooks.example.org')
    const [port, other] = [await freePort(), await freePort()]
    await using local = createReceiver({ baseUrl: `http://localhost:${other}` })
    await local.listen({ port })
    expect((await fetch(`http://127.0.0.1:${port}/callbacks/x`)).status).toBe(404)
  })
})

test('an endpoint that is asked for again in its process still knows its URL', async () => {
  const { receiver } = bench()
  const cb = await receiver.create({ idempotencyKey: 'order' })
  expect((await receiver.create({ idempotencyKey: 'order' })).url).toBe(cb.url)
})
