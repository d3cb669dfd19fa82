import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { migrateSqlite, openSqlite } from '../../src/storage/index.ts'
import { libsqlDriver, nodeDriver, type SqliteDatabase, type SqliteDriver } from '../../src/storage/sqlite-driver.ts'

const require = createRequire(import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const freshFile = (): string => join(folder, `${files++}.sqlite`)

// node:sqlite is there from Node 22.13 on; libsql everywhere.
const drivers = [nodeDriver(require), libsqlDriver(require)].filter((driver) => driver !== undefined)

test('there is a driver to test', () => expect(drivers.map(({ name }) => name)).toContain('libsql'))

describe.each(drivers)('$name', (driver: SqliteDriver) => {
  const open = (path = ':memory:'): SqliteDatabase => {
    const database = openSqlite({ path }, driver)
    database.exec('CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, text TEXT, bytes BLOB, due INTEGER)')
    return database
  }

  test('values come back as they went in', () => {
    const database = open()
    const insert = database.prepare('INSERT INTO t (text, bytes, due) VALUES (?, ?, ?)')
    expect(insert.run(['\u2603 "\'', new Uint8Array([0, 255]), 1_700_000_000_050])).toBe(1)
    expect(insert.run([null, Buffer.from([7]), null])).toBe(1)
    const select = database.prepare('SELECT text, bytes, due FROM t ORDER BY id')
    expect(select.all([]).map(({ text, bytes, due }) => ({ text, bytes: bytes && [...(bytes as Uint8Array)], due }))).toEqual([
      { text: '\u2603 "\'', bytes: [0, 255], due: 1_700_000_000_050 },
      { text: null, bytes: [7], due: null },
    ])
    expect(select.all([]).every(({ bytes }) => bytes instanceof Uint8Array)).toBe(true)
    expect(database.prepare('SELECT id FROM t WHERE id = ?').get([9])).toBeUndefined()
    database.close()
  })

  test('text with U+0000 is refused, not cut', () => {
    const database = open()
    expect(() => database.prepare('INSERT INTO t (text) VALUES (?)').run(['a\u0000b'])).toThrow(TypeError)
    database.close()
  })

  test('a lone blob is bound, and a wrong count is refused', () => {
    const database = open()
    expect(database.prepare('INSERT INTO t (bytes) VALUES (?)').run([Buffer.from('x')])).toBe(1)
    const insert = database.prepare('INSERT INTO t (text, due) VALUES (?, ?)')
    expect(() => insert.run(['only one'])).toThrow(/Expected 2 values, found 1/)
    expect(() => insert.all([1, 2, 3])).toThrow(TypeError)
    database.close()
  })

  test('a statement that is used again sees what was written meanwhile', () => {
    const database = open(freshFile())
    database.exec("CREATE INDEX i ON t (due, id) WHERE text = 'on'")
    const select = database.prepare("SELECT id FROM t WHERE text = 'on' AND due <= ? ORDER BY due LIMIT ?")
    const update = database.prepare('UPDATE t SET text = ?, due = ? WHERE id = ?')
    database.prepare('INSERT INTO t (id, text, due) VALUES (?, ?, ?)').run([1, 'on', 10])
    for (let round = 1; round < 5; round++) {
      expect(select.get([10 * round, 1])).toMatchObject({ id: 1 })
      database.transaction(() => {
        expect(select.all([10 * round, 4])).toHaveLength(1)
        update.run(['off', 0, 1])
      })
      expect(select.get([10 * round, 1])).toBeUndefined()
      update.run(['on', 10 * (round + 1), 1])
    }
    database.close()
  })

  test('a transaction is whole or nothing', () => {
    const database = open()
    const insert = database.prepare('INSERT INTO t (id) VALUES (?)')
    const count = database.prepare('SELECT count(*) AS n FROM t')
    expect(database.transaction(() => insert.run([1]))).toBe(1)
    expect(() =>
      database.transaction(() => {
        insert.run([2])
        throw new Error('stop')
      }),
    ).toThrow('stop')
    expect(() => database.transaction(() => insert.run([1]))).toThrow(/UNIQUE/)
    expect(database.transaction(() => count.get([]))).toMatchObject({ n: 1 })
    database.close()
  })

  test('opens in WAL mode with what was asked for', () => {
    const pragma = (database: SqliteDatabase, name: string) => database.prepare(`PRAGMA ${name}`).get([])
    const full = openSqlite({ path: freshFile() }, driver)
    const normal = openSqlite({ path: freshFile(), synchronous: 'normal' }, driver)
    expect(pragma(full, 'journal_mode')).toMatchObject({ journal_mode: 'wal' })
    expect([pragma(full, 'synchronous'), pragma(normal, 'synchronous')]).toMatchObject([{ synchronous: 2 }, { synchronous: 1 }])
    full.close()
    normal.close()
  })

  test('migrations run once, in order, and a later version is left alone', () => {
    const path = freshFile()
    const first = openSqlite({ path }, driver)
    migrateSqlite(first, 'part', ['CREATE TABLE a (x INTEGER)'])
    migrateSqlite(first, 'part', ['CREATE TABLE a (x INTEGER)', 'ALTER TABLE a ADD COLUMN y TEXT; CREATE TABLE b (x INTEGER)'])
    first.prepare('INSERT INTO a (x, y) VALUES (?, ?)').run([1, 'one'])
    migrateSqlite(first, 'other', ['CREATE TABLE c (x INTEGER)'])
    expect(() => migrateSqlite(first, 'part', ['CREATE TABLE a (x INTEGER)'])).toThrow(/version 1 or before, found 2/)
    expect(() => migrateSqlite(first, 'bad', ['CREATE TABLE d (x INTEGER)', 'CREATE nonsense'])).toThrow()
    expect(() => first.prepare('SELECT * FROM d')).toThrow(/d/)
    first.close()
  })
})

test('without a driver there is none', () => {
  const nothing = (id: string): never => {
    throw new Error(`no ${id}`)
  }
  expect([nodeDriver(nothing), libsqlDriver(nothing)]).toEqual([undefined, undefined])
})
