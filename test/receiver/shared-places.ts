import { join } from 'node:path'
import { postgresStore, type ReceiverStore, sqliteStore } from 'ringback/receiver'
import { afterAll } from 'vitest'
import { type TestSchema, testSchemas } from '../support/postgres-schema.ts'
import { scratch } from '../support/scratch.ts'
import { type ReceiverProcess, receiverProcesses, type Shared } from './receiver-process.ts'

export interface SharedPlaces {
  /** A row each for SQLite and PostgreSQL, as `describe.each` takes them. */
  readonly rows: [name: string, open: () => Promise<Shared>][]
  /** An empty schema of its own in PostgreSQL. */
  openSchema(): Promise<TestSchema>
  /** The same store in this process. */
  storeOf(shared: Shared): ReceiverStore
  /** A process with a receiver that keeps its endpoints there: see `receiverProcesses`. */
  start(shared: Shared, laterMs?: number, skewMs?: number): Promise<ReceiverProcess>
}

/** Stores that several receivers share, each receiver in a process of its own. All of it ends with the tests of the file. */
export function sharedPlaces(): SharedPlaces {
  const { folder } = scratch()
  const processes = receiverProcesses()
  const schemas = testSchemas()
  const opened: TestSchema[] = []
  afterAll(async () => {
    await processes.end()
    for (const schema of opened) await schema.close()
    await schemas.drop()
  })
  const openSchema = async (): Promise<TestSchema> => {
    const schema = await schemas.open()
    opened.push(schema)
    return schema
  }
  return {
    rows: [
      ['SQLite', async () => ({ path: join(folder, 'receiver.sqlite') })],
      ['PostgreSQL', async () => ({ url: (await openSchema()).url })],
    ],
    openSchema,
    storeOf(shared) {
      if ('path' in shared) return sqliteStore(shared)
      const schema = opened.find(({ url }) => url === shared.url)
      if (schema === undefined) throw new Error('Expected a place of these rows')
      return postgresStore({ pool: schema.pool })
    },
    start: processes.start,
  }
}
