import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { runRow } from '../../scripts/conformance/run.ts'

interface Row extends Record<string, unknown> {
  readonly id: string
  readonly kind: string
}

const rows = JSON.parse(readFileSync(new URL('../fixtures/conformance/expression-cases.json', import.meta.url), 'utf8')) as Row[]

describe('expression-cases.json', () => {
  test('has the rows it was published with', () => expect(rows).toHaveLength(394))

  test.each(rows.map((row) => [row.id, row] as const))('%s', (_, row) => {
    const { expected, got } = runRow(row)
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
  test.each(wrong)('%s', (field, change) => {
    const compared = rows.filter((row) => Object.hasOwn(row, field) && !(field === 'fix' && row.valid !== false))
    expect(compared.length).toBeGreaterThan(5)
    for (const row of compared) expect(runRow({ ...row, [field]: change(row) }).pass, row.id).toBe(false)
  })

  test('missing', () => {
    const compared = rows.filter((row) => row.missing === true)
    for (const { missing, ...row } of compared) expect(runRow({ ...row, value: null }).pass, String(row.id)).toBe(false)
  })

  test.each([[null], [[]], [{ id: 'x' }], [{ kind: 'expression' }], [{ id: 'x', kind: 'other' }]])(
    '%j is an error, not skipped',
    (row) => {
      expect(() => runRow(row)).toThrow(TypeError)
    },
  )
})
