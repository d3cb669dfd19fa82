import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDispatcher, memoryStore, sqliteStore } from 'ringback/dispatcher'
import { afterAll, expect, test } from 'vitest'
import { newDelivery } from '../../src/testing/store-contract/bench.ts'
import { answered, callbackRequest, fakeTransport, when } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  ['memory', () => memoryStore()],
  ['sqlite', () => sqliteStore({ path: join(folder, 'flood.sqlite'), synchronous: 'normal' })],
] as const)(
  '%s: 100,000 deliveries to dead hosts do not hold up a healthy one by a second',
  async (name, open) => {
    const store = open()
    // One host has most of them, and a hundred hosts have the rest.
    for (let i = 0; i < 100; i++) {
      const rows = Array.from({ length: 1000 }, (_, k) => {
        const origin = k < 900 ? 'https://dead.example' : `https://dead${(i * 100 + k) % 100}.example`
        return newDelivery(`d${i}-${k}`, { origin, dueAt: Date.now() - 10_000 })
      })
      await store.insert(rows)
    }
    // Dead hosts are slow to fail; one attempt in the time of this test is enough.
    const transport = fakeTransport(({ headers }) => {
      const isDead = String(headers['webhook-id']).startsWith('d')
      return isDead ? new Promise((resolve) => setTimeout(resolve, 50, answered(500))) : answered(200)
    })
    const dispatcher = createDispatcher({ store, transport })
    dispatcher.start()
    const delays: number[] = []
    for (let i = 0; i < 20; i++) {
      const id = `h${i}`
      const startedAt = Date.now()
      const started = when(dispatcher, 'attempt:start', ({ delivery }) => delivery.id === id)
      await dispatcher.enqueue(callbackRequest(id, `https://healthy${i % 2}.example/cb`))
      await started
      delays.push(Date.now() - startedAt)
    }
    console.log(`${name}: the first try came after ${Math.min(...delays)} to ${Math.max(...delays)} ms`)
    await dispatcher.stop()
    await store.close()
    expect(Math.max(...delays)).toBeLessThan(1000)
  },
  120_000,
)
