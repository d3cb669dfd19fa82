import type { IToken, TokenType } from 'chevrotain'
import type { SyntaxCode } from '../problem.ts'
import type { Entry } from './lexers.ts'
import * as t from './tokens.ts'

/** A problem without words: those are put to it outside the grammar. */
export interface Finding {
  readonly code: SyntaxCode
  readonly start: number
  readonly end: number
  /** Labels of what could have stood there. */
  readonly expected: readonly string[]
}

/** Where in the token stream a parser stopped understanding. */
export interface Stop {
  readonly entry: Entry
  readonly text: string
  /** The token before the offending one, if any. */
  readonly before: IToken | undefined
  /** `undefined` at the end of the text. */
  readonly found: IToken | undefined
}

/**
 * The code and place of a problem. The language is LL(1) and its lexer's modes follow the grammar, so that the token before and the token
 * found say all.
 */
export function codeAt(stop: Stop): { readonly code: SyntaxCode; readonly start: number; readonly end: number } {
  const { before, found, text } = stop
  const start = found === undefined ? text.length : found.startOffset
  const end = found === undefined ? text.length : start + found.image.length
  const at = (code: SyntaxCode) => ({ code, start, end })

  if (found !== undefined) {
    const own = codeOfFound(found.tokenType)
    if (own !== undefined) return at(own)
  }
  const ended = found === undefined || isA(found, t.Close)
  if (before === undefined || isA(before, t.Open)) return atRoot(stop, start, end)
  switch (before.tokenType) {
    case t.Url:
    case t.Method:
    case t.StatusCode:
    case t.Self:
      return at('trailing-characters')
    case t.RequestDot:
    case t.ResponseDot:
    case t.MessageDot:
      return at('unknown-source')
    case t.HeaderDot:
      return at(ended ? 'empty-header-name' : 'bad-header-character')
    case t.HeaderName:
      return at('bad-header-character')
    case t.Body:
    case t.Payload:
    case t.MessageHeader:
    case t.MessagePayload:
      return at('expected-hash')
    case t.Hash:
      return at('pointer-must-start-with-slash')
    case t.InputsDot:
    case t.OutputsDot:
    case t.InputsField:
    case t.OutputsField:
    case t.ComponentTypeDot:
      return at(ended || found.tokenType === t.Hash ? 'empty-name' : 'unexpected-character')
    case t.StepsDot:
    case t.WorkflowsDot:
      return at(ended || isOneOf(found, [t.Dot, t.OutputsField, t.InputsField]) ? 'empty-name' : 'unexpected-character')
    case t.SourceDescriptionsDot:
      return at(ended || found.tokenType === t.SourceDot ? 'empty-name' : 'unexpected-character')
    case t.SourceDot:
      return at(ended ? 'empty-name' : 'unexpected-character')
    case t.StepId:
      return at('expected-outputs')
    case t.WorkflowId:
      return at('expected-inputs-or-outputs')
    case t.SourceName:
      return at(ended ? 'expected-dot' : 'unexpected-character')
    case t.ComponentsDot:
      return at('unknown-component-type')
    case t.Dot:
      if (isMessage(stop.entry)) return at('expected-hash')
      return at(ended || isOneOf(found, [t.Dot, t.LeftBracket]) ? 'empty-segment' : 'unexpected-character')
    case t.LeftBracket:
      return at('bad-index')
    case t.Digits: {
      const afterBracket = before.startOffset
      return { code: 'bad-index', start: afterBracket, end: Math.max(end, afterBracket) }
    }
    default:
      return at('unexpected-character')
  }
}

/** Tokens that say themselves what is wrong, wherever they stand. */
function codeOfFound(type: TokenType): SyntaxCode | undefined {
  switch (type) {
    case t.Quote:
      return 'quote-in-name'
    case t.Backslash:
      return 'bad-escape-in-name'
    case t.ControlCharacter:
      return 'control-character-in-name'
    case t.LoneTilde:
      return 'bad-pointer-escape'
    case t.ForbiddenBrace:
      return 'brace-not-allowed'
    case t.SpaceAfterOpen:
    case t.SpaceBeforeDollar:
      return 'whitespace-in-braces'
    default:
      if (isCategory(type, t.SpaceBeforeClose)) return 'whitespace-in-braces'
      if (isCategory(type, t.MissingDollar)) return 'missing-dollar'
      if (isCategory(type, t.NestedOpen)) return 'nested-brace'
      if (isCategory(type, t.StrayClose)) return 'stray-brace'
      return undefined
  }
}

function atRoot({ text, entry, found }: Stop, start: number, end: number): { code: SyntaxCode; start: number; end: number } {
  if (found === undefined) return { code: 'empty', start, end }
  if (isA(found, t.Close)) return { code: 'empty-braces', start, end }
  if (text[start] !== '$') return { code: 'expected-dollar', start, end }
  const closing = entry.template === undefined ? -1 : text.indexOf(entry.template.delimiters === 'braces' ? '}' : '>', start)
  const expressionEnd = closing === -1 ? text.length : closing
  const word = text.slice(start, expressionEnd)
  if (rootsWithSource(entry).some((root) => word.toLowerCase() === root)) {
    return { code: 'expected-dot', start: expressionEnd, end: expressionEnd }
  }
  return { code: 'unknown-root', start, end: start + (/^\$[\w-]*/.exec(word)?.[0].length ?? 1) }
}

function rootsWithSource({ dialect }: Entry): readonly string[] {
  switch (dialect) {
    case 'asyncapi':
    case 'asyncapi-2.0.0':
      return ['$message']
    case 'arazzo-1.0.0':
    case 'arazzo-1.1.0':
      return ['$request', '$response', '$message']
    default:
      return ['$request', '$response']
  }
}

function isMessage({ dialect }: Entry): boolean {
  return dialect === 'asyncapi' || dialect === 'asyncapi-2.0.0'
}

function isOneOf(token: IToken, types: readonly TokenType[]): boolean {
  return types.includes(token.tokenType)
}

export function isA(token: IToken, type: TokenType): boolean {
  return isCategory(token.tokenType, type)
}

function isCategory(type: TokenType, parent: TokenType): boolean {
  return type === parent || (type.CATEGORIES?.includes(parent) ?? false)
}
