import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// The documents are other people's and are not part of this repository; they lie beside it where it is developed.
const folder = ['../../../shared/corpus/', '../../../../shared/corpus/']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(`${path}expected.jsonl`))

/** Real documents, and what is known of each of their callback keys and links; `undefined` where they are not beside this checkout. */
export function corpus<Row>(): { readonly folder: string; readonly rows: readonly Row[] } | undefined {
  if (folder === undefined) return undefined
  const lines = readFileSync(`${folder}expected.jsonl`, 'utf8').trim().split('\n')
  return { folder, rows: lines.map((line) => JSON.parse(line) as Row) }
}
