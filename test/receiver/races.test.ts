import { createReceiver, type Receiver, type ReceiverEvent } from 'ringback/receiver'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { settled } from '../support/manual-clock.ts'

let receiver: Receiver
const events: ReceiverEvent[] = []

beforeAll(async () => {
  receiver = createReceiver({ baseUrl: 'http://127.0.0.1:0', onEvent: (event) => void events.push(event) })
  await receiver.listen()
})

afterAll(() => receiver[Symbol.asyncDispose]())

const post = (url: string): Promise<number> => fetch(url, { method: 'POST', body: '1' }).then(({ status }) => status)
/** Some turns of the event loop: anything from none to several. */
const someTurns = async (n: number): Promise<void> => {
  for (let i = 0; i < n; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}

test('U-28 G-12 fifty posts at once on one slot: one 200, forty-nine 429', async () => {
  const cb = await receiver.create({ slots: 1 })
  const statuses = await Promise.all(Array.from({ length: 50 }, () => post(cb.url)))
  expect(statuses.filter((status) => status === 200)).toHaveLength(1)
  expect(statuses.filter((status) => status === 429)).toHaveLength(49)
  expect(await cb.calls()).toHaveLength(1)
})

test('U-29 O-32 six hundred races of post and wait: none lost, none doubled', async () => {
  const endpoints = await Promise.all(Array.from({ length: 600 }, () => receiver.create({ slots: 1 })))
  let lost = 0
  for (let start = 0; start < endpoints.length; start += 60) {
    await Promise.all(
      endpoints.slice(start, start + 60).map(async (cb, i) => {
        const [status, call] = await Promise.all([
          someTurns(i % 7).then(() => post(cb.url)),
          someTurns((i * 5) % 11).then(() => cb.next({ timeout: '15s' }).catch(() => undefined)),
        ])
        if (status !== 200 || call === undefined) lost++
      }),
    )
  }
  expect(lost).toBe(0)
  expect(
    (await Promise.all(endpoints.map((cb) => cb.status()))).filter(
      ({ stored, waiters, accepted }) => stored + waiters > 0 || accepted !== 1,
    ),
  ).toEqual([])
})

test('O-33 a hundred and fifty posts at the edge of a timeout: delivered, or kept', async () => {
  let [delivered, kept, lost] = [0, 0, 0]
  for (let round = 0; round < 150; round++) {
    const cb = await receiver.create({ slots: 1 })
    const timeout = round % 9
    const [call, status] = await Promise.all([
      cb.next({ timeout }).catch(() => undefined),
      someTurns((round * 7) % 40).then(() => post(cb.url)),
    ])
    await settled()
    const { stored } = await cb.status()
    if (status !== 200 || stored + (call === undefined ? 0 : 1) !== 1) lost++
    else if (call === undefined) kept++
    else delivered++
  }
  expect(lost).toBe(0)
  expect(delivered + kept).toBe(150)
})

test('O-34 posts at the edge of an abort: delivered, or kept', async () => {
  for (let round = 0; round < 100; round++) {
    const cb = await receiver.create({ slots: 1 })
    const controller = new AbortController()
    const wait = cb.next({ signal: controller.signal }).catch(() => undefined)
    const sent = post(cb.url)
    await someTurns(round % 20)
    controller.abort()
    const [call, status] = await Promise.all([wait, sent])
    expect([status, (await cb.status()).stored + (call === undefined ? 0 : 1)]).toEqual([200, 1])
  }
})

test('nothing of all this failed', () => {
  expect(events.filter(({ type }) => type === 'failed')).toEqual([])
})
