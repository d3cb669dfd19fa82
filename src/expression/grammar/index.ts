import { EOF, type IRecognitionException, type IToken } from 'chevrotain'
import type { ExpressionTemplate, RuntimeExpression } from '../ast.ts'
import type { TemplateMode } from '../dialect.ts'
import { type Entry, tokenize, vocabularyOf } from './lexers.ts'
import { createGrammar, type Grammar, mostProblems } from './parser.ts'
import { codeAt, type Finding, isA } from './problems.ts'
import { Close as ClosingToken, Open, ReferenceToken, Slash } from './tokens.ts'

export type { Entry } from './lexers.ts'
export type { Finding } from './problems.ts'

/** A tree where all was understood (`findings` is empty then), else what was understood of it. */
export interface Reading<T> {
  readonly tree: T
  readonly findings: readonly Finding[]
}

let grammar: Grammar | undefined

// Built at first use: it takes longer than everything else that importing this package does.
function theGrammar(): Grammar {
  grammar ??= createGrammar({ validate: false })
  return grammar
}

/** Builds the grammar once more with all of Chevrotain's own checks. Throws where a rule is ambiguous or cannot be reached. */
export function checkGrammar(): void {
  createGrammar({ validate: true })
}

export function readExpression(text: string, dialect: Entry['dialect']): Reading<RuntimeExpression | undefined> {
  const entry: Entry = { dialect }
  const { tokens } = tokenize(text, entry)
  const { tree, exceptions } = theGrammar().expression(tokens)
  return { tree, findings: exceptions.length === 0 ? none : findingsOf(exceptions, tokens, text, entry) }
}

export function readTemplate(
  text: string,
  dialect: Entry['dialect'],
  mode: TemplateMode,
  delimiters: 'braces' | 'angle',
): Reading<ExpressionTemplate> {
  const entry: Entry = { dialect, template: { mode, delimiters } }
  const { tokens } = tokenize(text, entry)
  const { tree: parts, exceptions } = theGrammar().templateParts(tokens, text)
  const tree: ExpressionTemplate = {
    kind: 'expression-template',
    parts,
    bare: false,
    delimiters,
    span: { start: 0, end: text.length },
  }
  if (exceptions.length === 0) return { tree, findings: none }
  const unclosed = unclosedOf(tokens, text, entry)
  const findings = findingsOf(
    exceptions.filter((exception) => !onlyUnclosed(exception)),
    tokens,
    text,
    entry,
  )
  return { tree, findings: unclosed === undefined ? findings : [...findings, unclosed].sort((a, b) => a.start - b.start) }
}

/** Labels of what may follow `text`, the beginning of one expression. */
export function expectedAfter(text: string, dialect: Entry['dialect']): readonly string[] {
  const entry: Entry = { dialect }
  return expectedLabels(tokenize(text, entry).tokens, entry)
}

const none: readonly Finding[] = []

function findingsOf(
  exceptions: readonly IRecognitionException[],
  tokens: IToken[],
  text: string,
  entry: Entry,
): readonly Finding[] {
  return exceptions.slice(0, mostProblems).map(({ token }) => {
    const atEnd = token.tokenType === EOF
    const index = atEnd ? tokens.length : tokens.indexOf(token)
    const { code, start, end } = codeAt({ entry, text, before: tokens[index - 1], found: atEnd ? undefined : token })
    let opening = index - 1
    while (opening >= 0 && !isA(tokens[opening] as IToken, Open)) opening--
    return { code, start, end, expected: expectedLabels(tokens.slice(opening + 1, index), entry) }
  })
}

// The end where the closing delimiter should be: reported at the opening one.
function onlyUnclosed({ token, context }: IRecognitionException): boolean {
  return token.tokenType === EOF && ['embedded', 'content'].includes(context.ruleStack.at(-1) ?? '')
}

/** The last opening delimiter, where nothing closes it. In Arazzo only one that opens an expression. */
function unclosedOf(tokens: readonly IToken[], text: string, { template }: Entry): Finding | undefined {
  let open: IToken | undefined
  for (const token of tokens) {
    if (isA(token, Open)) open = token
    else if (isA(token, ClosingToken)) open = undefined
  }
  if (open === undefined) return undefined
  const start = open.startOffset
  const opensExpression = /^\s*\$/.test(text.slice(start + 1))
  if (!opensExpression && template?.mode === 'expression-string') {
    // What stands behind it is reported where it stands; nothing stands nowhere else than at the end.
    const { length } = text
    return start + 1 === length ? { code: 'expected-dollar', start: length, end: length, expected: ['"$"'] } : undefined
  }
  const code = opensExpression || template?.delimiters === 'angle' ? 'unclosed-expression' : 'unclosed-brace'
  return { code, start, end: start + 1, expected: [template?.delimiters === 'angle' ? '">"' : '"}"'] }
}

function expectedLabels(tokens: readonly IToken[], entry: Entry): readonly string[] {
  const possible = vocabularyOf(entry)
  const types = theGrammar().expectedAfter(withoutRepeats(tokens))
  return [...new Set(types.filter((type) => possible.has(type)).map((type) => type.LABEL ?? type.name))]
}

// A long pointer says no more about what may follow than a short one, and the search is not linear in its length. What belongs to no
// pointer stays: nothing can follow it.
function withoutRepeats(tokens: readonly IToken[]): IToken[] {
  const first = tokens.findIndex(isInPointer)
  const last = tokens.findLastIndex(isInPointer)
  return tokens.filter((token, index) => index <= first + 1 || index >= last || !isInPointer(token))
}

function isInPointer(token: IToken): boolean {
  return token.tokenType === Slash || isA(token, ReferenceToken)
}
