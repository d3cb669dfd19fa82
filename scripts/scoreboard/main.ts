import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { PartialExchange } from 'ringback'
import type { ExpressionRow } from '../conformance/expression-row.ts'
import { plain, runRow } from '../conformance/run.ts'
import type { Peer } from './peer.ts'
import { prismPeer } from './prism.ts'
import { redoclyPeer } from './redocly.ts'

// npm run scoreboard [-- --failures]
// The published rows against whoever npm can install. Of a row that is parsed, only the verdict is compared: codes and trees are ours.

type Verdict = 'passed' | 'failed' | 'not applicable'
type Row = ExpressionRow & { readonly basis?: string }

const kinds: readonly [name: string, has: (row: Row) => boolean][] = [
  ['parse an expression', (row) => row.kind === 'expression'],
  ['parse a template', (row) => row.kind === 'template'],
  ['evaluate an expression', (row) => row.kind === 'evaluate' && row.form === 'expression'],
  ['evaluate a template', (row) => row.kind === 'evaluate' && row.form === 'template'],
]

const rows = JSON.parse(readFileSync('test/fixtures/conformance/expression-cases.json', 'utf8')) as Row[]
const listFailures = process.argv.includes('--failures')

const ours = new Map(await Promise.all(rows.map(async (row) => [row, (await runRow(row)).pass] as const)))
const columns: { readonly name: string; judge(row: Row): Verdict }[] = [
  { name: 'ringback', judge: (row) => (ours.get(row) ? 'passed' : 'failed') },
]
for (const load of [prismPeer, redoclyPeer]) {
  const peer = await load()
  if (peer.ok) columns.push({ name: `${peer.value.name} ${peer.value.version}`, judge: (row) => judge(peer.value, row) })
  else console.log(`${load.name.replace('Peer', '')} is left out: ${peer.error}`)
}

for (const [title, chosen] of [
  [`All ${rows.length} rows`, rows],
  ['Rows whose result follows from the specifications (basis: normative)', rows.filter(({ basis }) => basis === 'normative')],
] as const) {
  console.log(`\n${title}: passed / failed / not applicable\n`)
  const table = [['', ...columns.map(({ name }) => name)]]
  for (const [name, has] of kinds) table.push([name, ...columns.map((column) => counts(chosen.filter(has), column))])
  table.push(['all', ...columns.map((column) => counts(chosen, column))])
  print(table)
}

if (listFailures) {
  for (const { name, judge } of columns.slice(1)) {
    console.log(`\n${name} fails`)
    for (const row of rows) if (judge(row) === 'failed') console.log(`  ${row.id} ${JSON.stringify(row.input)}`)
  }
}

function judge(peer: Peer, row: Row): Verdict {
  if (row.kind !== 'evaluate') {
    const parses = peer.parses(row)
    return parses === undefined ? 'not applicable' : parses === row.valid ? 'passed' : 'failed'
  }
  const exchange = (row.contextJson === undefined ? row.context : JSON.parse(row.contextJson)) as PartialExchange
  const result = peer.evaluates(row, exchange)
  if (result === undefined) return 'not applicable'
  if (!Object.hasOwn(row, 'value')) return 'missing' in result ? 'passed' : 'failed'
  return 'value' in result && isDeepStrictEqual(plain(result.value), plain(row.value)) ? 'passed' : 'failed'
}

function counts(chosen: readonly Row[], { judge }: { judge(row: Row): Verdict }): string {
  const verdicts = chosen.map(judge)
  const count = (verdict: Verdict): number => verdicts.filter((each) => each === verdict).length
  return `${count('passed')} / ${count('failed')} / ${count('not applicable')}`
}

function print(table: readonly (readonly string[])[]): void {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)))
  for (const line of table)
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('   ')
        .trimEnd(),
    )
}
