import pg from 'pg'
import { createTestDatabase, type TestDatabase } from './postgres.ts'

export interface TestSchema {
  /** Connections made with it see an empty schema of their own. */
  readonly url: string
  readonly pool: pg.Pool
  close(): Promise<void>
}

/** Empty schemas of one database: much faster to come by than databases. */
export function testSchemas(): { open(): Promise<TestSchema>; drop(): Promise<void> } {
  let database: Promise<TestDatabase> | undefined
  let schemas = 0
  return {
    async open() {
      database ??= createTestDatabase()
      const url = new URL((await database).url)
      const name = `s${schemas++}`
      url.searchParams.set('options', `-c search_path=${name}`)
      const pool = new pg.Pool({ connectionString: url.href })
      // The database is dropped while the last connections say goodbye.
      pool.on('error', () => {})
      await pool.query(`CREATE SCHEMA ${name}`)
      return { url: url.href, pool, close: () => pool.end() }
    },
    async drop() {
      await (await database)?.drop()
    },
  }
}
