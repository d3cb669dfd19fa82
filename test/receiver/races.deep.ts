import { describe, expect, test } from 'vitest'
import { sharedPlaces } from './shared-places.ts'

const places = sharedPlaces()

const post = async (url: string, n: number): Promise<number> => {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', body: String(n), headers })
  await response.arrayBuffer()
  return response.status
}

describe.each(places.rows)('two processes on one %s', (_, open) => {
  test('U-29 six hundred races of a post here and a wait there, 150 posts at the edge of a timeout: none lost', async () => {
    const shared = await open()
    const [a, b] = await Promise.all([places.start(shared), places.start(shared)])
    const race = async (i: number): Promise<number> => {
      const { id, url } = await a.create({ slots: 1 })
      const [sender, reader] = i % 2 === 0 ? [a, b] : [b, a]
      const [status, got] = await Promise.all([post(sender.urlOf(url), i), reader.next(id, { timeout: 30_000 })])
      return status === 200 && got?.body === i ? 0 : 1
    }
    const edge = async (i: number): Promise<number> => {
      const { id, url } = await a.create({ slots: 1 })
      const [got, status] = await Promise.all([b.next(id, { timeout: i % 12 }), post(a.urlOf(url), i)])
      const later = await a.next(id, { timeout: 0 })
      return status === 200 && [got, later].filter((one) => one?.body === i).length === 1 ? 0 : 1
    }
    let lost = 0
    for (let i = 0; i < 600; i += 20) {
      const results = await Promise.all(Array.from({ length: 20 }, (_, k) => race(i + k)))
      lost += results.reduce((sum, one) => sum + one, 0)
    }
    expect(lost).toBe(0)
    for (let i = 0; i < 150; i += 10) {
      const results = await Promise.all(Array.from({ length: 10 }, (_, k) => edge(i + k)))
      lost += results.reduce((sum, one) => sum + one, 0)
    }
    expect(lost).toBe(0)
    await Promise.all([a.kill(), b.kill()])
  }, 180_000)
})
