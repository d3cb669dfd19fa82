import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { runRow } from '../../scripts/conformance/run.ts'

interface Row extends Record<string, unknown> {
  readonly id: string
  readonly kind: string
}

const read = (name: string): Row[] =>
  JSON.parse(readFileSync(new URL(`../fixtures/conformance/${name}`, import.meta.url), 'utf8')) as Row[]
const rows = read('expression-cases.json')

describe('expression-cases.json', () => {
  test('has the rows it was published with', () => expect(rows).toHaveLength(394))

  test.each(rows.map((row) => [row.id, row] as const))('%s', async (_, row) => {
    const { expected, got } = await runRow(row)
    expect(got).toEqual(expected)
  })
})

describe('a row made wrong in one field fails', () => {
  const wrong: readonly [field: string, change: (row: Row) => unknown][] = [
    ['ast', (row) => ({ ...(row.ast as object), extra: 1 })],
    ['valid', (row) => !row.valid],
    ['error', () => 'no-such-code'],
    ['errorAt', (row) => (row.errorAt as number) + 1],
    ['fix', (row) => `${row.fix}x`],
    ['value', (row) => (typeof row.value === 'number' ? String(row.value) : { not: row.value })],
  ]
  test.each(wrong)('%s', async (field, change) => {
    const compared = rows.filter((row) => Object.hasOwn(row, field) && !(field === 'fix' && row.valid !== false))
    expect(compared.length).toBeGreaterThan(5)
    for (const row of compared) expect((await runRow({ ...row, [field]: change(row) })).pass, row.id).toBe(false)
  })

  test('missing', async () => {
    const compared = rows.filter((row) => row.missing === true)
    for (const { missing, ...row } of compared) expect((await runRow({ ...row, value: null })).pass, String(row.id)).toBe(false)
  })

  test.each([[null], [[]], [{ id: 'x' }], [{ kind: 'expression' }], [{ id: 'x', kind: 'other' }]])(
    '%j is an error, not skipped',
    async (row) => {
      await expect(runRow(row)).rejects.toThrow(TypeError)
    },
  )
})

describe('url-policy-cases.json', () => {
  const policyRows = read('url-policy-cases.json')

  test.each(policyRows.map((row) => [row.id, row] as const))('%s', async (_, row) => {
    const { expected, got } = await runRow(row)
    expect(got).toEqual(expected)
  })

  test('a row with the other verdict fails', async () => {
    for (const row of policyRows.slice(0, 60)) {
      const verdict = row.verdict === 'allow' ? 'block' : 'allow'
      expect((await runRow({ ...row, verdict })).pass, row.id).toBe(false)
    }
  })
})
