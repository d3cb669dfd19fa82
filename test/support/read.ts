import {
  type ExpressionSyntaxError,
  type ExpressionTemplate,
  type RuntimeExpression,
  safeParseExpression,
  safeParseTemplate,
} from 'ringback/expression'
import type { Entry } from './abnf.ts'

type Read =
  | { readonly ok: true; readonly value: RuntimeExpression | ExpressionTemplate }
  | { readonly ok: false; readonly error: ExpressionSyntaxError }

/** Parses a text as what the entry says it is. */
export function read(
  text: string,
  { dialect, template }: Entry,
  options: { readonly repair?: boolean; readonly maxLength?: number } = {},
): Read {
  return template === undefined
    ? safeParseExpression(text, { dialect, ...options })
    : safeParseTemplate(text, { dialect, ...template, ...options })
}
