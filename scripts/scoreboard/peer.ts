import type { PartialExchange } from 'ringback'
import type { ExpressionRow } from '../conformance/expression-row.ts'

/** Somebody's implementation, as far as it has the notions of the rows. */
export interface Peer {
  readonly name: string
  readonly version: string
  /** Whether a text is in the language. `undefined`: it has no notion of such rows. */
  parses(row: ExpressionRow): boolean | undefined
  /** What it makes of a row that is evaluated. `undefined`: it has no notion of such rows. */
  evaluates(row: ExpressionRow, exchange: PartialExchange): Evaluation | undefined
}

/** A value, or that there is none, in whatever way it says so (an exception, too). */
export type Evaluation = { readonly value: unknown } | { readonly missing: true }

export function isOas({ dialect }: ExpressionRow): boolean {
  return dialect.startsWith('oas3')
}

/** Whether a row needs an option or delimiters that only some know. */
export function isPlain({ options = {}, delimiters = 'braces' }: ExpressionRow): boolean {
  return delimiters === 'braces' && options.params === undefined && (options.encode ?? 'none') === 'none'
}
