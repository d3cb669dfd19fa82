export { migrateSqlite } from './migrate.ts'
export { openSqlite, type SqliteOptions } from './open-sqlite.ts'
export type { SqliteDatabase, SqliteRow, SqliteStatement, SqliteValue } from './sqlite-driver.ts'
