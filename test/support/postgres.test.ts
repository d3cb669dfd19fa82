import { existsSync } from 'node:fs'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { createTestDatabase } from './postgres.ts'
import { startPostgres } from './postgres-server.ts'

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

test('every test database is empty and its own', async () => {
  const [a, b] = await Promise.all([createTestDatabase(), createTestDatabase()])
  onTestFinished(async () => {
    await Promise.all([a.drop(), b.drop()])
  })
  await query(a.url, 'CREATE TABLE delivery AS SELECT 1 AS id')
  expect(await query(a.url, 'SELECT id FROM delivery')).toEqual([{ id: 1 }])
  expect(await query(b.url, "SELECT count(*)::int AS tables FROM pg_tables WHERE schemaname = 'public'")).toEqual([{ tables: 0 }])
})

test('nothing is left of a server that was stopped', async () => {
  const server = await startPostgres()
  const [row] = await query(server.url, 'SELECT pg_backend_pid() AS pid, current_setting($$data_directory$$) AS folder')
  const { pid, folder } = row as { pid: number; folder: string }
  expect(existsSync(folder)).toBe(true)
  await server.stop()
  expect(existsSync(folder)).toBe(false)
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  await expect(query(server.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED')
})
