import { isDeepStrictEqual } from 'node:util'
import { type ExpressionRow, type Outcome, runExpressionRow } from './expression-row.ts'
import { runUrlPolicyRow, type UrlPolicyRow } from './url-policy-row.ts'

export interface RowResult extends Outcome {
  readonly id: string
  readonly pass: boolean
}

/** Runs one row of any kind by its shape. Throws `TypeError` for a row of no known shape: a row is never skipped. */
export async function runRow(row: unknown): Promise<RowResult> {
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    throw new TypeError(`Expected a row (an object) but found ${JSON.stringify(row)}.`)
  const id = 'id' in row && typeof row.id === 'string' ? row.id : undefined
  if (id === undefined) throw new TypeError(`Expected an "id" in the row ${JSON.stringify(row).slice(0, 200)}.`)
  const { expected, got } = await outcomeOf(id, row)
  return { id, pass: isDeepStrictEqual(plain(expected), plain(got)), expected, got }
}

async function outcomeOf(id: string, row: object): Promise<Outcome> {
  if ('verdict' in row) return runUrlPolicyRow(row as UrlPolicyRow)
  if ('kind' in row && ['expression', 'template', 'evaluate'].includes(row.kind as string))
    return runExpressionRow(row as ExpressionRow)
  throw new TypeError(`Row ${id}: neither "verdict" (a URL-policy row) nor "kind" (an expression row) tells its format.`)
}

// Member order and prototypes are free; an own `__proto__` is data.
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const copy = Object.create(null) as Record<string, unknown>
  for (const key of Object.keys(value)) copy[key] = plain((value as Record<string, unknown>)[key])
  return copy
}
