import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteStore } from 'ringback/receiver'
import { afterAll } from 'vitest'
import { storeContract } from './store-contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
let files = 0
afterAll(() => rmSync(folder, { recursive: true }))

storeContract('sqliteStore', async () => ({
  store: sqliteStore({ path: join(folder, `${files++}.sqlite`), synchronous: 'normal' }),
  close: async () => {},
}))
