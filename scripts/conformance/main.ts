import { readFileSync } from 'node:fs'
import { type RowResult, runRow } from './run.ts'

// npm run conformance -- [--json] FILE…
const args = process.argv.slice(2)
const json = args.includes('--json')
const files = args.filter((arg) => arg !== '--json')

if (files.length === 0 || files.some((file) => file.startsWith('-'))) {
  console.error('Usage: npm run conformance -- [--json] FILE…\nFormat of the files: test/fixtures/conformance/README.md')
  process.exit(64)
}

let passed = 0
let failed = 0
let empty = false
for (const file of files) {
  const rows = rowsOf(file)
  if (rows.length === 0) {
    empty = true
    console.error(`${file}: there are no rows.`)
  }
  for (const row of rows) {
    const result = await run(row)
    if (result.pass) passed++
    else failed++
    if (json) console.log(JSON.stringify(result))
    else if (!result.pass) {
      console.log(`${result.id}\n  expected ${JSON.stringify(result.expected)}\n  got      ${JSON.stringify(result.got)}`)
    }
  }
}
if (!json) console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || empty ? 1 : 0

function rowsOf(file: string): readonly unknown[] {
  try {
    const rows: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (Array.isArray(rows)) return rows
    console.error(`${file}: expected an array of rows.`)
  } catch (error) {
    console.error(`${file}: ${(error as Error).message}`)
  }
  failed++
  return []
}

// A row that cannot be run has failed; the others still run.
async function run(row: unknown): Promise<RowResult> {
  try {
    return await runRow(row)
  } catch (error) {
    const id = typeof row === 'object' && row !== null && 'id' in row ? String(row.id) : '(no id)'
    return { id, pass: false, expected: {}, got: { threw: error instanceof Error ? error.message : String(error) } }
  }
}
