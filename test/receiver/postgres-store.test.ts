import { postgresStore } from 'ringback/receiver'
import { afterAll } from 'vitest'
import { testSchemas } from '../support/postgres-schema.ts'
import { storeContract } from './store-contract.ts'

const schemas = testSchemas()
afterAll(() => schemas.drop())

storeContract('postgresStore', async () => {
  const { pool, close } = await schemas.open()
  return { store: postgresStore({ pool }), close }
})
