import type { Delimiters } from './ast.ts'
import type { Dialect, TemplateMode } from './dialect.ts'
import { expectedAfter, readTemplate } from './grammar/index.ts'

/** What may stand at an offset: for completion in editors. */
export interface Expectation {
  /** Where the word at the offset begins: what is chosen replaces the text from there to the offset. */
  readonly start: number
  readonly items: readonly ExpectedItem[]
}

export type ExpectedItem =
  /** To be written as it is. */
  | { readonly kind: 'keyword'; readonly text: string }
  /** A name that the document, not the grammar, knows: `a header field name`, `a reference token`. */
  | { readonly kind: 'name'; readonly label: string }

export interface ExpectOptions {
  readonly dialect?: Dialect
  /** Default: one bare expression. */
  readonly mode?: TemplateMode
  readonly delimiters?: Delimiters
}

/** What may follow the first `offset` characters of a text, filtered by what of a word stands there already. Never throws. */
export function expect(text: string, offset: number = text.length, options: ExpectOptions = {}): Expectation {
  const dialect = options.dialect ?? 'oas3'
  const before = text.slice(0, offset)
  const begin = beginOfExpression(before, options)
  if (begin === undefined) return { start: offset, items: [] }
  const expression = before.slice(begin)
  // From the longest word that some keyword may continue (`$re`, `.outp`) to the shortest.
  for (const pattern of [/[$.][A-Za-z]*$/, /[A-Za-z]+$/]) {
    const word = pattern.exec(expression)?.[0]
    if (word === undefined) continue
    const wordStart = expression.length - word.length
    const keywords = itemsOf(expectedAfter(expression.slice(0, wordStart), dialect)).filter(
      (item) =>
        item.kind === 'keyword' && item.text.toLowerCase().startsWith(word.toLowerCase()) && item.text.length > word.length,
    )
    if (keywords.length > 0) return { start: begin + wordStart, items: keywords }
  }
  const items = itemsOf(expectedAfter(expression, dialect))
  if (begin === 0) return { start: offset, items }
  const name: ExpectedItem[] =
    expression === '' && options.mode === 'callback-key' ? [{ kind: 'name', label: 'the name of a path parameter' }] : []
  return { start: offset, items: [...items, ...name, ...closing(expression, options)] }
}

/** The closing delimiter, where what stands behind the opening one is complete. */
function closing(expression: string, { dialect = 'oas3', mode = 'text', delimiters = 'braces' }: ExpectOptions): ExpectedItem[] {
  if (expression === '' || (mode === 'text' && !expression.startsWith('$'))) return []
  const [open, close] = delimiters === 'angle' ? ['<', '>'] : ['{', '}']
  const { findings } = readTemplate(open + expression + close, dialect, mode, delimiters)
  return findings.length === 0 ? [{ kind: 'keyword', text: close }] : []
}

/** Behind the last opening delimiter that is still open; 0 for a bare expression; `undefined` in literal text. */
function beginOfExpression(before: string, { mode, delimiters }: ExpectOptions): number | undefined {
  if (mode === undefined) return 0
  // An empty key may become one expression without delimiters.
  if (mode === 'callback-key' && (before === '' || before.startsWith('$'))) return 0
  const [open, close] = delimiters === 'angle' ? ['<', '>'] : ['{', '}']
  const opening = before.lastIndexOf(open)
  if (opening === -1 || before.indexOf(close, opening) !== -1) return undefined
  return opening + 1
}

// Labels in quotes are what is to be written; others name a kind of thing.
function itemsOf(labels: readonly string[]): ExpectedItem[] {
  return labels.flatMap((label): ExpectedItem[] =>
    label.startsWith('"')
      ? label.split(' or ').map((text) => ({ kind: 'keyword', text: text.slice(1, -1) }))
      : [{ kind: 'name', label }],
  )
}
