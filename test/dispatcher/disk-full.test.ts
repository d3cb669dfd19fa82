import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDispatcher, type DeliveryStore, sqliteStore } from 'ringback/dispatcher'
import { afterAll, expect, test, vi } from 'vitest'
import { manualClock } from '../support/manual-clock.ts'
import { callbackRequest, fakeTransport } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Database {
  exec(sql: string): unknown
}

/** The class that every store opens its file with: whichever this Node has. */
function nativeDatabase(): { readonly prototype: Database } {
  const load = createRequire(import.meta.url)
  try {
    return load('node:sqlite').DatabaseSync
  } catch {
    return load('libsql')
  }
}

/** A store whose file can be kept from growing, as a full disk would. */
function storeWithLimit(path: string): { readonly store: DeliveryStore; limit(pages: number): void } {
  const opened = new Set<Database>()
  const original = nativeDatabase().prototype.exec
  const spy = vi.spyOn(nativeDatabase().prototype, 'exec').mockImplementation(function (this: Database, sql: string) {
    opened.add(this)
    return original.call(this, sql)
  })
  const store = sqliteStore({ path })
  spy.mockRestore()
  return {
    store,
    limit(pages) {
      for (const database of opened) database.exec(`PRAGMA max_page_count = ${pages}`)
    },
  }
}

test('a full disk: what was accepted is kept and arrives, the rest is refused and says why, and it all goes on when there is room', async () => {
  const { store, limit } = storeWithLimit(join(folder, 'full.sqlite'))
  const clock = manualClock()
  const transport = fakeTransport()
  const dispatcher = createDispatcher({ store, clock, transport, breaker: false })
  const errors: [string, string][] = []
  dispatcher.on('store:error', ({ operation, error }) => errors.push([operation, (error as Error).message]))
  limit(60)
  const accepted: string[] = []
  const refused: [string, unknown][] = []
  const body = new Uint8Array(2000)
  const enqueue = async (id: string): Promise<void> => {
    await dispatcher.enqueue(callbackRequest(id, 'https://a.example/cb', { body })).then(
      () => accepted.push(id),
      (error: unknown) => refused.push([id, error]),
    )
  }
  for (let i = 0; i < 80; i++) await enqueue(`one-${i}`)
  await Promise.all(Array.from({ length: 30 }, (_, i) => enqueue(`group-${i}`)))
  expect(accepted.length).toBeGreaterThan(20)
  expect(refused.length).toBeGreaterThan(30)
  for (const [, error] of refused) expect((error as Error).message).toMatch(/database or disk is full/)
  const stored = async (): Promise<string[]> => (await store.list({ limit: 1000 })).map(({ id }) => id)
  expect(await stored()).toEqual(accepted)

  // Nothing can be recorded now: what went out is known to have been tried, or goes out again under the same id.
  dispatcher.start()
  await clock.advance(5000)
  limit(1_000_000)
  for (let i = 0; i < 40; i++) await clock.advance(5000)
  expect(await stored()).toEqual(accepted)
  expect((await dispatcher.stats()).counts).toMatchObject({ delivered: accepted.length, dead: 0, pending: 0, leased: 0 })
  expect(transport.sent.length).toBeGreaterThanOrEqual(accepted.length)
  expect(new Set(errors.map(([, message]) => message))).toEqual(new Set(['database or disk is full']))
  expect(errors.map(([operation]) => operation)).toContain('settle')

  const again = refused[0]?.[0] ?? ''
  await enqueue(again)
  await clock.advance(10)
  expect(await dispatcher.get(again)).toMatchObject({ delivery: { state: 'delivered' } })
  await dispatcher.stop()
  await store.close()
})

test('a purge gives the pages back to the file, which then has room again', async () => {
  const { store, limit } = storeWithLimit(join(folder, 'purged.sqlite'))
  const dispatcher = createDispatcher({ store, transport: fakeTransport() })
  limit(200)
  const body = new Uint8Array(2000)
  const fill = async (round: number): Promise<number> => {
    for (let i = 0; ; i++) {
      try {
        await dispatcher.enqueue(callbackRequest(`r${round}-${i}`, 'https://a.example/cb', { body }))
      } catch (error) {
        expect((error as Error).message).toMatch(/full/)
        return i
      }
    }
  }
  const first = await fill(1)
  expect(first).toBeGreaterThan(100)
  await dispatcher.cancel(...(await store.list({ limit: 1000 })).map(({ id }) => id))
  const later = Date.now() + 1
  let purged = 0
  for (let batches = 0; purged < first; batches++) {
    const now = await store.purge({ deliveredBefore: later, othersBefore: later, limit: 50 })
    expect(now).toBeLessThanOrEqual(50)
    expect(batches).toBeLessThan(first)
    purged += now
  }
  expect(await fill(2)).toBeGreaterThan(first / 2)
  await store.close()
})
