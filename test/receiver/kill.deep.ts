import { createReceiver } from 'ringback/receiver'
import { expect, test } from 'vitest'
import { sharedPlaces } from './shared-places.ts'

const places = sharedPlaces()

const keyring = { keys: [{ kid: 'k1', key: new Uint8Array(32).fill(7) }] } as const
const total = 1000
const kills = 5

test.each(places.rows)(
  'O-60 a receiver on %s is killed five times during 1000 posts: every 2xx is in the store',
  async (name, open) => {
    const shared = await open()
    let receiver = await places.start(shared)
    const { id, url } = await receiver.create({ slots: total * 3 })
    const accepted = new Set<number>()
    let next = 0
    let failed = 0
    let restarting: Promise<void> | undefined

    const restart = async (): Promise<void> => {
      await receiver.kill()
      receiver = await places.start(shared)
    }
    const lane = async (): Promise<void> => {
      while (next < total) {
        const n = next++
        for (;;) {
          await restarting
          try {
            const response = await fetch(receiver.urlOf(url), {
              method: 'POST',
              body: String(n),
              headers: { 'content-type': 'application/json', 'webhook-id': `call-${n}` },
            })
            if (response.status === 200) accepted.add(n)
            break
          } catch {
            failed++
          }
        }
        // In the middle of the others' posts.
        if (n > 0 && n % Math.floor(total / (kills + 1)) === 0) {
          restarting = restart()
          await restarting
        }
      }
    }
    await Promise.all(Array.from({ length: 16 }, lane))
    await receiver.kill()

    const reader = createReceiver({ baseUrl: 'http://127.0.0.1:1', store: places.storeOf(shared), keyring })
    const calls = await (await reader.open(id)).calls()
    await reader[Symbol.asyncDispose]()
    const stored = new Set(calls.map(({ body }) => Number(body)))
    console.log(`${name}: ${accepted.size} answered with 2xx, ${stored.size} stored, ${failed} requests cut off`)
    expect(failed).toBeGreaterThan(0)
    expect([...accepted].filter((n) => !stored.has(n))).toEqual([])
    expect(stored.size).toBe(calls.length)
    expect(accepted.size).toBeGreaterThan(total * 0.9)
  },
  120_000,
)
