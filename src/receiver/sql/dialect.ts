/** Where SQLite and PostgreSQL differ, for the queries and tables of this folder. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres'
  readonly text: string
  readonly bytes: string
  /** Every number: exact up to 2^53, and not limited to whole ones. */
  readonly number: string
  readonly afterTable: string
  /** After a SELECT: nobody else changes the row until the transaction is over. SQLite has locked the whole file already. */
  readonly lock: string
  /** The same, without waiting for rows that others have locked. */
  readonly lockFree: string
  /** The values of a JSON array of texts, as rows. */
  readonly each: string
}

export const sqlite: Dialect = {
  name: 'sqlite',
  text: 'TEXT',
  bytes: 'BLOB',
  number: 'REAL',
  afterTable: 'STRICT',
  lock: '',
  lockFree: '',
  each: 'SELECT value FROM json_each(?)',
}

export const postgres: Dialect = {
  name: 'postgres',
  // Ids are compared byte by byte, whatever the language of the database.
  text: 'text COLLATE "C"',
  bytes: 'bytea',
  number: 'double precision',
  afterTable: '',
  lock: ' FOR NO KEY UPDATE',
  lockFree: ' FOR NO KEY UPDATE SKIP LOCKED',
  each: 'SELECT json_array_elements_text(CAST(? AS json))',
}
