import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDispatcher, type DeliveryStore, type PostgresPool, postgresStore, sqliteStore } from 'ringback/dispatcher'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildScript, type Script, sourceFile } from '../support/child.ts'
import { testSchemas } from '../support/postgres-schema.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
const schemas = testSchemas()
let script: Script
const changes = 30
const url = 'https://a.example/cb'

/** Rotates the secret of one destination again and again, and enables and disables it, against everybody else who does. */
beforeAll(async () => {
  script = await buildScript(`
    import pg from 'pg'
    import { createDispatcher, postgresStore, sqliteStore } from ${sourceFile('dispatcher/index.ts')}
    const [where] = process.argv.slice(2)
    const pool = where.startsWith('postgres') ? new pg.Pool({ connectionString: where }) : undefined
    const store = pool === undefined ? sqliteStore({ path: where, synchronous: 'normal' }) : postgresStore({ pool })
    const { destinations } = createDispatcher({ store })
    const secrets = []
    for (let n = 0; n < ${changes}; n++) {
      secrets.push((await destinations.rotateSecret('${url}')).secret)
      await destinations.disable('${url}')
      await destinations.enable('${url}')
    }
    process.send(secrets)
    await store.close()
    await pool?.end()
    process.disconnect()
  `)
})
afterAll(async () => {
  script.remove()
  await schemas.drop()
  rmSync(folder, { recursive: true })
})

interface Place {
  readonly where: string
  readonly pool?: PostgresPool
  close(): Promise<void>
}

const PLACES: [name: string, open: () => Promise<Place>][] = [
  ['sqlite', async () => ({ where: join(folder, 'd.sqlite'), close: async () => {} })],
  ['postgres', async () => schemas.open().then(({ url: where, pool, close }) => ({ where, pool, close }))],
]

test.each(PLACES)(
  '%s: of what two processes do to one destination at once nothing is lost',
  async (_name, open) => {
    const place = await open()
    const { pool, where } = place
    const store: DeliveryStore = pool === undefined ? sqliteStore({ path: where }) : postgresStore({ pool })
    const { destinations } = createDispatcher({ store })
    await destinations.create({ url })
    const children = [script.start(where), script.start(where)]
    const told = await Promise.all(
      children.map(async (child) => {
        const [secrets] = (await once(child, 'message')) as [string[]]
        return secrets
      }),
    )
    await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')))
    expect(new Set(told.flat()).size).toBe(2 * changes)
    const destination = await store.destinations?.get(url)
    // Made once, then at least one version for every rotation, and whatever the switching came to.
    expect(destination?.version).toBeGreaterThan(2 * changes)
    expect(destination?.disabled).toBeUndefined()
    // The newest, and the ten before it: all of them were told to somebody.
    expect(destination?.secrets).toHaveLength(11)
    for (const { key } of destination?.secrets ?? []) expect(told.flat()).toContain(key)
    const last = told.map((secrets) => secrets.at(-1))
    expect(last).toContain(destination?.secrets[0]?.key)
    expect(destination?.secrets.filter(({ expiresAt }) => expiresAt === undefined)).toHaveLength(1)
    await store.close()
    await place.close()
  },
  60_000,
)
