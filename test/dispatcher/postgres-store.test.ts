import { postgresStore } from 'ringback/dispatcher'
import { afterAll } from 'vitest'
import { testSchemas } from '../support/postgres-schema.ts'
import { storeContract } from './store-contract.ts'

const schemas = testSchemas()
afterAll(() => schemas.drop())
const keyring = { keys: [{ kid: 'k1', key: new Uint8Array(32).fill(1) }] } as const

storeContract('postgres', async () => {
  const { pool, close } = await schemas.open()
  return { ...postgresStore({ pool }), close }
})

storeContract('postgres, sealed', async () => {
  const { pool, close } = await schemas.open()
  return { ...postgresStore({ pool, keyring }), close }
})
