export { migrateSqlite } from './migrate.ts'
export { openSqlite, type SqliteOptions } from './open-sqlite.ts'
export type { SqliteDatabase, SqliteRow, SqliteStatement } from './sqlite-driver.ts'
