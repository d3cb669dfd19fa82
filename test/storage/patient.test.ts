import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DeliveryStore, sqliteStore } from 'ringback/dispatcher'
import { afterAll, describe, expect, test } from 'vitest'
import { openSqlite, patient } from '../../src/storage/index.ts'
import { libsqlDriver, nodeDriver, type SqliteDatabase } from '../../src/storage/sqlite-driver.ts'

const require = createRequire(import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0

const drivers = [nodeDriver(require), libsqlDriver(require)].filter((driver) => driver !== undefined)

describe.each(drivers)('$name: a transaction while another connection holds the lock', (driver) => {
  const two = (): { readonly ours: SqliteDatabase; readonly other: SqliteDatabase; end(): void } => {
    const path = join(folder, `${files++}.sqlite`)
    const [ours, other] = [openSqlite({ path }, driver), openSqlite({ path }, driver)]
    ours.exec('CREATE TABLE t (n INTEGER)')
    return {
      ours,
      other,
      end() {
        ours.close()
        other.close()
      },
    }
  }
  const insert = (database: SqliteDatabase, n: number) => (): number => database.prepare('INSERT INTO t VALUES (?)').run([n])

  test('waits with the event loop going on, and keeps its place', async () => {
    const { ours, other, end } = two()
    const transact = patient(ours)
    other.exec('BEGIN IMMEDIATE')
    const done: number[] = []
    const all = [1, 2, 3].map((n) => transact(insert(ours, n)).then(() => done.push(n)))
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(done).toEqual([])
    other.exec('COMMIT')
    await Promise.all(all)
    expect(done).toEqual([1, 2, 3])
    expect(
      ours
        .prepare('SELECT n FROM t ORDER BY rowid')
        .all([])
        .map(({ n }) => n),
    ).toEqual([1, 2, 3])
    await transact(insert(ours, 4))
    end()
  })

  test('gives up when it has waited long enough, and those behind it go on', async () => {
    const { ours, other, end } = two()
    const transact = patient(ours, 1)
    other.exec('BEGIN IMMEDIATE')
    let ran = 0
    const first = transact(() => ran++)
    const second = transact(() => ran++)
    await expect(first).rejects.toThrow('database is locked')
    expect(ran).toBe(0)
    other.exec('COMMIT')
    await second.catch(() => {})
    await transact(insert(ours, 1))
    end()
  })

  test('what goes wrong in the work itself is told at once, and takes nothing back from others', async () => {
    const { ours, end } = two()
    const transact = patient(ours)
    await expect(
      transact(() => {
        insert(ours, 1)()
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(ours.prepare('SELECT count(*) AS n FROM t').get([])).toEqual({ n: 0 })
    end()
  })
})

test('a store takes what comes while another process writes, as soon as that has ended', async () => {
  const path = join(folder, `${files++}.sqlite`)
  const store = sqliteStore({ path })
  const other = openSqlite({ path })
  const delivery = (id: string): Parameters<DeliveryStore['insert']>[0][number] => ({
    id,
    request: { id, method: 'POST', url: 'https://hooks.example.com/', headers: {} },
    origin: 'https://hooks.example.com',
    metadata: {},
    createdAt: 1,
    dueAt: 1,
  })
  other.exec('BEGIN IMMEDIATE')
  const stored = Promise.all([store.insert([delivery('a')]), store.insert([delivery('b')])])
  // Reading waits for nobody.
  expect((await store.stats()).counts.pending).toBe(0)
  other.exec('ROLLBACK')
  expect(await stored).toEqual([[true], [true]])
  expect((await store.stats()).counts.pending).toBe(2)
  other.close()
  await store.close()
})
