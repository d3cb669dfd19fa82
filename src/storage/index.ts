export { framed, unframed } from './framed.ts'
export { checkKeyring, type EncryptionKey, type Keyring } from './keyring.ts'
export { checkSqlite, migrateSqlite } from './migrate.ts'
export { openExistingSqlite, openSqlite, type SqliteOptions, sqliteOptionRules } from './open-sqlite.ts'
export { patient, type Transact } from './patient.ts'
export {
  checkPostgres,
  inTransaction,
  migratePostgres,
  type PostgresClient,
  type PostgresConnection,
  type PostgresPool,
} from './postgres.ts'
export { listenPostgres, type PostgresListener, type PostgresListenerClient } from './postgres-listener.ts'
export { type Reseal, type ResealPage, resealPage, type SealedTable } from './reseal.ts'
export { type RotateOptions, type Rotation, rotate } from './rotation.ts'
export { createSealer, plaintextSealer, type SealedRecord, type Sealer, type SealerOptions, sealerFor } from './seal.ts'
export type { SqliteDatabase, SqliteRow, SqliteStatement, SqliteValue } from './sqlite-driver.ts'
export { firstOf, postgresRunner, type Query, type Runner, rowsOf, type Steps, sqliteRunner } from './steps.ts'
