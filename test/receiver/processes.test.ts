import { beforeAll, describe, expect, test } from 'vitest'
import type { Got, ReceiverProcess, Shared } from './receiver-process.ts'
import { sharedPlaces } from './shared-places.ts'

const places = sharedPlaces()

const post = async (url: string, body: unknown): Promise<number> => {
  const response = await fetch(url, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
  await response.arrayBuffer()
  return response.status
}
const range = (length: number): number[] => Array.from({ length }, (_, i) => i)

describe.each(places.rows)('two processes on one %s', (_, open) => {
  let shared: Shared
  let a: ReceiverProcess
  let b: ReceiverProcess

  beforeAll(async () => {
    shared = await open()
    ;[a, b] = await Promise.all([places.start(shared), places.start(shared)])
  })

  test('U-28 fifty posts at once, half of them here and half of them there, on one slot: one is taken', async () => {
    const { id, url } = await a.create({ slots: 1 })
    const statuses = await Promise.all(range(50).map((n) => post((n % 2 === 0 ? a : b).urlOf(url), n)))
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 429)).toHaveLength(49)
    expect(await b.next(id, { timeout: 5000 })).toMatchObject({ seq: 1 })
  })

  test('O-61 what comes to one process wakes the other, long before a lease is renewed', async () => {
    const { id, url } = await a.create()
    for (const [here, there] of [
      [a, b],
      [b, a],
    ] as const) {
      // Less than the 10 s after which a wait looks by itself.
      const wait = here.next(id, { timeout: 9000 })
      await expect.poll(() => there.waiters(id)).toBe(1)
      expect(await post(there.urlOf(url), 1)).toBe(200)
      expect(await wait).toMatchObject({ body: 1 })
    }
  }, 30_000)

  test('G-23 a wait in one process gets the call that came to the other', async () => {
    const { id, url } = await a.create()
    for (const [here, there] of [
      [a, b],
      [b, a],
    ] as const) {
      const wait = here.next(id, { timeout: 10_000 })
      await expect.poll(() => there.waiters(id)).toBe(1)
      expect(await post(there.urlOf(url), 'hello')).toBe(200)
      expect(await wait).toMatchObject({ body: 'hello' })
    }
  })

  test('O-61 O-32 calls to both, waits in both: every accepted call is handed out once', async () => {
    const { id, url } = await a.create({ slots: 1000 })
    const handed: Got[] = []
    const read = async (reader: ReceiverProcess): Promise<void> => {
      for (;;) {
        const got = await reader.next(id, { timeout: 1500 })
        if (got === undefined) return
        handed.push(got)
      }
    }
    const readers = [a, a, a, b, b, b].map(read)
    const send = async (sender: ReceiverProcess, from: number): Promise<number[]> => {
      const statuses: number[] = []
      for (const n of range(50)) statuses.push(await post(sender.urlOf(url), from + n))
      return statuses
    }
    const statuses = await Promise.all([send(a, 0), send(b, 50), send(a, 100), send(b, 150)])
    await Promise.all(readers)
    expect(statuses.flat().filter((status) => status !== 200)).toEqual([])
    expect(handed.map(({ body }) => Number(body)).sort((x, y) => x - y)).toEqual(range(200))
    expect(handed.map(({ seq }) => seq).sort((x, y) => x - y)).toEqual(range(200).map((n) => n + 1))
  }, 60_000)

  test('U-29 a post here and a wait there, as close as can be: none lost', async () => {
    const endpoints = await Promise.all(range(60).map(() => a.create({ slots: 1 })))
    const results = await Promise.all(
      endpoints.map(async ({ id, url }, i) => {
        const [sender, reader] = i % 2 === 0 ? [a, b] : [b, a]
        const [status, got] = await Promise.all([post(sender.urlOf(url), i), reader.next(id, { timeout: 15_000 })])
        return [status, got?.body]
      }),
    )
    expect(results).toEqual(range(60).map((i) => [200, i]))
  }, 60_000)

  test('O-32 a post here at the edge of a timeout there: delivered, or kept', async () => {
    const outcomes = await Promise.all(
      range(40).map(async (i) => {
        const { id, url } = await a.create({ slots: 1 })
        const [got, status] = await Promise.all([b.next(id, { timeout: i % 12 }), post(a.urlOf(url), i)])
        const later = await b.next(id, { timeout: 0 })
        return [status, [got, later].filter((one) => one !== undefined).length]
      }),
    )
    expect(outcomes).toEqual(range(40).map(() => [200, 1]))
  }, 60_000)

  test('O-36 a named wait gets the same call again in another process, when its own was killed', async () => {
    const { id, url } = await b.create()
    const first = await places.start(shared)
    await post(b.urlOf(url), 'one')
    expect(await first.next(id, { waiter: 'order-42' })).toEqual({ seq: 1, body: 'one' })
    await first.kill()
    await post(b.urlOf(url), 'two')
    expect(await a.next(id, { waiter: 'order-42' })).toEqual({ seq: 1, body: 'one' })
    expect(await a.next(id, { waiter: 'order-43' })).toEqual({ seq: 2, body: 'two' })
  })

  test('O-37 a wait whose process was killed stops counting after its lease, and its call is offered again', async () => {
    const { id, url } = await b.create({ slots: 1 })
    const doomed = await places.start(shared)
    void doomed.next(id)
    await expect.poll(() => b.waiters(id)).toBe(1)
    await doomed.kill()
    // Within the lease the call goes to the dead; nobody else gets it yet.
    expect(await post(b.urlOf(url), 'for the dead')).toBe(200)
    expect(await b.next(id, { timeout: 0 })).toBeUndefined()
    const later = await places.start(shared, 31_000)
    expect(await later.next(id, { timeout: 5000 })).toMatchObject({ body: 'for the dead' })

    const second = await places.start(shared)
    void second.next(id)
    await expect.poll(() => b.waiters(id)).toBe(1)
    await second.kill()
    // After the lease it is only stored.
    const much = await places.start(shared, 62_000)
    expect(await post(much.urlOf(url), 'stored')).toBe(200)
    expect(await a.next(id, { timeout: 5000 })).toMatchObject({ body: 'stored' })
  }, 60_000)
})

test('O-26 processes whose clocks differ count by the time of their database', async () => {
  const schema = await places.openSchema()
  const shared = { url: schema.url }
  const [exact, ahead, behind] = await Promise.all([0, 40_000, -40_000].map((skewMs) => places.start(shared, 0, skewMs)))
  if (exact === undefined || ahead === undefined || behind === undefined) throw new Error('Expected three processes')
  for (const other of [ahead, behind]) {
    // Nobody's lease has run out: the wait that lives gets the call, at once, although nothing may be stored.
    const { id, url } = await exact.create({ slots: 0 })
    const wait = exact.next(id, { timeout: 8000 })
    await expect.poll(() => other.waiters(id)).toBe(1)
    expect(await post(other.urlOf(url), 1)).toBe(200)
    expect(await wait).toMatchObject({ body: 1 })
    // An endpoint of either lives as long for both.
    const [mine, its] = [await exact.create({ expiresIn: '30s' }), await other.create({ expiresIn: '30s' })]
    expect([await post(other.urlOf(mine.url), 1), await post(exact.urlOf(its.url), 1)]).toEqual([200, 200])
  }
}, 60_000)
