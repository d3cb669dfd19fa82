import { createToken, Lexer, type TokenType } from 'chevrotain'

// Tokens know characters; which may follow which is the parser's. Keywords are case-insensitive (RFC 5234, section 2.3).

const keyword = (name: string, text: string): TokenType =>
  createToken({ name, label: `"${text}"`, pattern: new RegExp(text.replace(/[$.]/g, '\\$&'), 'i') })

/** A class of tokens that differ only in the characters that delimiters take from them. */
const abstract = (name: string, label: string): TokenType => createToken({ name, label, pattern: Lexer.NA })

// --- roots
export const Url: TokenType = keyword('Url', '$url')
export const Method: TokenType = keyword('Method', '$method')
export const StatusCode: TokenType = keyword('StatusCode', '$statusCode')
export const Self: TokenType = keyword('Self', '$self')
export const RequestDot: TokenType = keyword('RequestDot', '$request.')
export const ResponseDot: TokenType = keyword('ResponseDot', '$response.')
export const MessageDot: TokenType = keyword('MessageDot', '$message.')
export const InputsDot: TokenType = keyword('InputsDot', '$inputs.')
export const OutputsDot: TokenType = keyword('OutputsDot', '$outputs.')
export const StepsDot: TokenType = keyword('StepsDot', '$steps.')
export const WorkflowsDot: TokenType = keyword('WorkflowsDot', '$workflows.')
export const SourceDescriptionsDot: TokenType = keyword('SourceDescriptionsDot', '$sourceDescriptions.')
export const ComponentsDot: TokenType = keyword('ComponentsDot', '$components.')
/** Arazzo 1.0: every root whose rest is one name. */
export const ArazzoRootDot: TokenType = createToken({
  name: 'ArazzoRootDot',
  label: '"$inputs." or "$outputs." or "$steps." or "$workflows." or "$sourceDescriptions." or "$components."',
  pattern: /\$(?:inputs|outputs|steps|workflows|sourceDescriptions|components)\./i,
})

// --- sources
export const HeaderDot: TokenType = keyword('HeaderDot', 'header.')
export const QueryDot: TokenType = keyword('QueryDot', 'query.')
export const PathDot: TokenType = keyword('PathDot', 'path.')
export const Body: TokenType = keyword('Body', 'body')
export const DraftBody: TokenType = keyword('DraftBody', 'body')
export const Payload: TokenType = keyword('Payload', 'payload')
export const MessageHeader: TokenType = keyword('MessageHeader', 'header')
export const MessagePayload: TokenType = keyword('MessagePayload', 'payload')

// --- names
/** RFC 9110, section 5.6.2: 1*tchar */
export const HeaderName: TokenType = createToken({
  name: 'HeaderName',
  label: 'a header field name',
  pattern: /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/,
})
/** RFC 8259, section 7: 1*char */
export const Name: TokenType = abstract('Name', 'a name')
/** RFC 6901, section 3: 1*( unescaped / escaped ) */
export const ReferenceToken: TokenType = abstract('ReferenceToken', 'a reference token')
/** Draft of 2017: 1*( char except "." and "[" ) */
export const DraftSegment: TokenType = abstract('DraftSegment', 'a member name')
/** Arazzo 1.1: 1*( ALPHA / DIGIT / "." / "-" / "_" ) */
export const Identifier: TokenType = createToken({ name: 'Identifier', label: 'an identifier', pattern: /[A-Za-z0-9._-]+/ })
/** Arazzo 1.1: 1*( ALPHA / DIGIT / "-" / "_" ) */
const strict = (name: string, label: string): TokenType => createToken({ name, label, pattern: /[A-Za-z0-9_-]+/ })
export const StepId: TokenType = strict('StepId', 'a step id')
export const WorkflowId: TokenType = strict('WorkflowId', 'a workflow id')
export const SourceName: TokenType = strict('SourceName', 'the name of a source description')
export const OutputsField: TokenType = keyword('OutputsField', '.outputs.')
export const InputsField: TokenType = keyword('InputsField', '.inputs.')
export const ComponentTypeDot: TokenType = createToken({
  name: 'ComponentTypeDot',
  label: '"parameters." or "successActions." or "failureActions."',
  pattern: /(?:parameters|successActions|failureActions)\./i,
})

// --- punctuation
export const Hash: TokenType = createToken({ name: 'Hash', label: '"#"', pattern: '#' })
export const Slash: TokenType = createToken({ name: 'Slash', label: '"/"', pattern: '/' })
export const Dot: TokenType = createToken({ name: 'Dot', label: '"."', pattern: '.' })
/** Arazzo 1.1: between a source description's name and what is referenced in it. */
export const SourceDot: TokenType = createToken({ name: 'SourceDot', label: '"."', pattern: '.' })
export const LeftBracket: TokenType = createToken({ name: 'LeftBracket', label: '"["', pattern: '[' })
export const RightBracket: TokenType = createToken({ name: 'RightBracket', label: '"]"', pattern: ']' })
export const Digits: TokenType = createToken({ name: 'Digits', label: 'a zero-based index', pattern: /[0-9]+/ })

// --- templates
export const LiteralText: TokenType = abstract('LiteralText', 'text')
export const Open: TokenType = abstract('Open', '"{"')
export const Close: TokenType = abstract('Close', '"}"')
export const ParameterName: TokenType = abstract('ParameterName', 'the name of a path parameter')

// --- what no rule takes: these make every lexical error a syntax error with an offset
/** White space as a whole: looking for the delimiter behind it from each of its characters would not be linear. */
export const Junk: TokenType = createToken({
  name: 'Junk',
  label: 'a character',
  pattern: /\s+|[\u0000-\uffff]/,
  line_breaks: true,
})
export const Quote: TokenType = createToken({ name: 'Quote', label: 'a quotation mark', pattern: '"' })
export const Backslash: TokenType = createToken({ name: 'Backslash', label: 'a backslash', pattern: '\\' })
export const ControlCharacter: TokenType = createToken({
  name: 'ControlCharacter',
  label: 'a control character',
  pattern: /[\u0000-\u001f]/,
  line_breaks: true,
})
export const LoneTilde: TokenType = createToken({ name: 'LoneTilde', label: 'a tilde', pattern: '~' })
/** An opening delimiter where one is open already. */
export const NestedOpen: TokenType = abstract('NestedOpen', 'an opening delimiter')
/** A brace in a name or pointer of Arazzo 1.1. */
export const ForbiddenBrace: TokenType = createToken({ name: 'ForbiddenBrace', label: 'a brace', pattern: /[{}]/ })
export const StrayClose: TokenType = abstract('StrayClose', 'a closing delimiter')
export const MissingDollar: TokenType = abstract('MissingDollar', 'an expression without "$"')
export const SpaceAfterOpen: TokenType = createToken({
  name: 'SpaceAfterOpen',
  label: 'white space',
  pattern: /\s+(?=\$|(?:request|response)\.)/i,
  line_breaks: true,
})
/** The same where only `$` begins an expression. */
export const SpaceBeforeDollar: TokenType = createToken({
  name: 'SpaceBeforeDollar',
  label: 'white space',
  pattern: /\s+(?=\$)/,
  line_breaks: true,
})
export const SpaceBeforeClose: TokenType = abstract('SpaceBeforeClose', 'white space')

/** The characters that delimiters or a dialect take out of names, pointers and text. */
export type Excluded = '' | '{}' | '<>' | '{}<>'

/** What depends on the characters that are taken: one token each, all of the class that the grammar names. */
export interface DelimitedTokens {
  readonly name: TokenType
  readonly referenceToken: TokenType
  readonly draftSegment: TokenType
}

const delimitedTokens = (suffix: string, excluded: Excluded): DelimitedTokens => {
  const jsonEscape = '\\\\(?:["\\\\/bfnrt]|u[0-9A-Fa-f]{4})'
  const make = (parent: TokenType, pattern: string): TokenType =>
    createToken({ name: parent.name + suffix, pattern: new RegExp(pattern), categories: [parent], line_breaks: true })
  return {
    name: make(Name, `(?:${characters(0x20, `"\\${excluded}`)}|${jsonEscape})+`),
    referenceToken: make(ReferenceToken, `(?:${characters(0, `/~${excluded}`)}|~[01])+`),
    draftSegment: make(DraftSegment, `(?:${characters(0x20, `"\\.[${excluded}`)}|${jsonEscape})+`),
  }
}

export const delimited: Readonly<Record<Excluded, DelimitedTokens>> = {
  '': delimitedTokens('', ''),
  '{}': delimitedTokens('NoBrace', '{}'),
  '<>': delimitedTokens('NoAngle', '<>'),
  '{}<>': delimitedTokens('NoBraceNoAngle', '{}<>'),
}

/** The tokens of one pair of delimiters. */
export interface DelimiterTokens {
  readonly open: TokenType
  /** Only before `$`. */
  readonly openExpression: TokenType
  readonly close: TokenType
  readonly nestedOpen: TokenType
  readonly strayClose: TokenType
  /** Text without either delimiter. */
  readonly text: TokenType
  /** Text without the opening one. */
  readonly textWithClose: TokenType
  /** An opening delimiter that opens nothing. */
  readonly plainOpen: TokenType
  readonly parameterName: TokenType
  readonly missingDollar: TokenType
  readonly spaceBeforeClose: TokenType
}

const delimiterTokens = (suffix: string, opening: '{' | '<', closing: '}' | '>'): DelimiterTokens => {
  const make = (parent: TokenType, name: string, pattern: string | RegExp): TokenType =>
    createToken({ name: name + suffix, label: parent.LABEL ?? name, pattern, categories: [parent], line_breaks: true })
  const either = characters(0, opening + closing)
  return {
    open: make(Open, 'Open', opening),
    openExpression: make(Open, 'OpenExpression', new RegExp(`\\${opening}(?=\\$)`.replace('\\<', '<'))),
    close: make(Close, 'Close', closing),
    nestedOpen: make(NestedOpen, 'NestedOpen', opening),
    strayClose: make(StrayClose, 'StrayClose', closing),
    text: make(LiteralText, 'Text', new RegExp(`${either}+`)),
    textWithClose: make(LiteralText, 'TextWithClose', new RegExp(`${characters(0, opening)}+`)),
    plainOpen: make(LiteralText, 'PlainOpen', opening),
    parameterName: make(ParameterName, 'ParameterName', new RegExp(`${characters(0, `$${opening}${closing}`)}${either}*`)),
    missingDollar: make(MissingDollar, 'MissingDollar', new RegExp(`(?:request|response)\\.${either}*`, 'i')),
    spaceBeforeClose: make(SpaceBeforeClose, 'SpaceBeforeClose', new RegExp(`\\s+(?=${closing})`)),
  }
}

export const braces: DelimiterTokens = delimiterTokens('Brace', '{', '}')
export const angles: DelimiterTokens = delimiterTokens('Angle', '<', '>')

/**
 * A character class of everything from `first` on but the given characters, as ranges: a complement (`[^…]`) would switch off the lexer's
 * choice by first character.
 */
function characters(first: number, excluded: string): string {
  const holes = [...new Set(excluded)].map((character) => character.charCodeAt(0)).sort((a, b) => a - b)
  let ranges = ''
  let from = first
  for (const hole of [...holes, 0x10000]) {
    if (hole - 1 >= from) ranges += `${hex(from)}-${hex(hole - 1)}`
    from = hole + 1
  }
  return `[${ranges}]`
}

function hex(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`
}

/** Every token, in the order in which the parser learns them. */
export const vocabulary: TokenType[] = [
  ...[Url, Method, StatusCode, Self, RequestDot, ResponseDot, MessageDot],
  ...[InputsDot, OutputsDot, StepsDot, WorkflowsDot, SourceDescriptionsDot, ComponentsDot, ArazzoRootDot],
  ...[HeaderDot, QueryDot, PathDot, Body, DraftBody, Payload, MessageHeader, MessagePayload],
  ...[HeaderName, Name, ReferenceToken, DraftSegment, Identifier, StepId, WorkflowId, SourceName],
  ...[OutputsField, InputsField, ComponentTypeDot],
  ...[Hash, Slash, Dot, SourceDot, LeftBracket, RightBracket, Digits],
  ...[LiteralText, Open, Close, ParameterName],
  ...[Junk, Quote, Backslash, ControlCharacter, LoneTilde, NestedOpen, ForbiddenBrace, StrayClose],
  ...[MissingDollar, SpaceAfterOpen, SpaceBeforeDollar, SpaceBeforeClose],
  ...Object.values(delimited).flatMap((tokens) => Object.values(tokens) as TokenType[]),
  ...(Object.values(braces) as TokenType[]),
  ...(Object.values(angles) as TokenType[]),
]
