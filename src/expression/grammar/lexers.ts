import { type ILexingResult, type IMultiModeLexerDefinition, Lexer, type TokenType } from 'chevrotain'
import type { Dialect, TemplateMode } from '../dialect.ts'
import * as t from './tokens.ts'

/** What a lexer is made for: a bare expression, or a template of some mode and delimiters. */
export interface Entry {
  readonly dialect: Dialect
  /** Absent: one bare expression. */
  readonly template?: { readonly mode: TemplateMode; readonly delimiters: 'braces' | 'angle' }
}

const bare = { mode: 'bare', delimiters: 'braces' } as const
type Lexers = Partial<Record<Dialect, Partial<Record<TemplateMode | 'bare', Partial<Record<'braces' | 'angle', Lexer>>>>>>

// Nested, because putting a key together would cost a tenth of a parse.
const lexers: Lexers = {}

export function tokenize(text: string, entry: Entry): ILexingResult {
  return lexerFor(entry).tokenize(text)
}

/** The tokens that can occur at all: what the grammar allows beyond them belongs to other dialects. */
export function vocabularyOf(entry: Entry): ReadonlySet<TokenType> {
  const found = new Set<TokenType>()
  for (const mode of Object.values(modesFor(entry).modes)) {
    for (const token of mode as TokenType[]) {
      found.add(token)
      for (const parent of token.CATEGORIES ?? []) found.add(parent)
    }
  }
  return found
}

function lexerFor(entry: Entry): Lexer {
  const { dialect, template: { mode, delimiters } = bare } = entry
  const known = lexers[dialect]?.[mode]?.[delimiters]
  if (known !== undefined) return known
  const lexer = new Lexer(modesFor(entry), { positionTracking: 'onlyOffset', skipValidations: true })
  lexers[dialect] = { ...lexers[dialect], [mode]: { ...lexers[dialect]?.[mode], [delimiters]: lexer } }
  return lexer
}

type Roots = readonly TokenType[]

const oasRoots: Roots = [t.Url, t.Method, t.StatusCode, t.RequestDot, t.ResponseDot]
const rootsOf: Readonly<Record<Dialect, Roots>> = {
  oas3: oasRoots,
  draft2017: [t.RequestDot, t.ResponseDot],
  'arazzo-1.0.0': [...oasRoots, t.MessageDot, t.ArazzoRootDot],
  'arazzo-1.0.1': [...oasRoots, t.ArazzoRootDot],
  'arazzo-1.1.0': [
    ...[...oasRoots, t.MessageDot, t.Self, t.InputsDot, t.OutputsDot],
    ...[t.StepsDot, t.WorkflowsDot, t.SourceDescriptionsDot, t.ComponentsDot],
  ],
  'asyncapi-2.0.0': [t.MessageDot],
  asyncapi: [t.MessageDot],
}

const oasSources = [t.HeaderDot, t.QueryDot, t.PathDot, t.Body]
const sourcesOf: Readonly<Record<Dialect, Roots>> = {
  oas3: oasSources,
  draft2017: [t.HeaderDot, t.QueryDot, t.PathDot, t.DraftBody],
  'arazzo-1.0.0': oasSources,
  'arazzo-1.0.1': oasSources,
  'arazzo-1.1.0': [...oasSources, t.Payload],
  'asyncapi-2.0.0': [t.MessageHeader, t.MessagePayload],
  asyncapi: [t.MessageHeader, t.MessagePayload],
}

// The mode that a token leads to. Modes are only ever pushed: popping and pushing by one token crashes the lexer at its first mode.
const leadsTo = new Map<TokenType, string>([
  [t.Url, 'end'],
  [t.Method, 'end'],
  [t.StatusCode, 'end'],
  [t.Self, 'end'],
  [t.RequestDot, 'source'],
  [t.ResponseDot, 'source'],
  [t.MessageDot, 'source'],
  [t.ArazzoRootDot, 'name'],
  [t.InputsDot, 'identifier'],
  [t.OutputsDot, 'identifier'],
  [t.StepsDot, 'step'],
  [t.WorkflowsDot, 'workflow'],
  [t.SourceDescriptionsDot, 'sourceDescription'],
  [t.ComponentsDot, 'component'],
  [t.HeaderDot, 'header'],
  [t.QueryDot, 'name'],
  [t.PathDot, 'name'],
  [t.Body, 'body'],
  [t.Payload, 'body'],
  [t.MessageHeader, 'body'],
  [t.MessagePayload, 'body'],
  [t.DraftBody, 'draftBody'],
  [t.OutputsField, 'identifier'],
  [t.InputsField, 'identifier'],
  [t.ComponentTypeDot, 'identifier'],
  [t.SourceDot, 'name'],
  [t.Hash, 'pointer'],
  [t.LeftBracket, 'index'],
  [t.RightBracket, 'draftBody'],
])
for (const [token, mode] of leadsTo) token.PUSH_MODE = mode
for (const { open, openExpression, close } of [t.braces, t.angles]) {
  open.PUSH_MODE = 'root'
  openExpression.PUSH_MODE = 'root'
  close.PUSH_MODE = 'text'
}

function modesFor({ dialect, template }: Entry): IMultiModeLexerDefinition {
  const delimiters = template === undefined ? undefined : template.delimiters === 'braces' ? t.braces : t.angles
  const strictBraces = dialect === 'arazzo-1.1.0'
  const { name, referenceToken, draftSegment } = t.delimited[excludedBy(strictBraces, template?.delimiters)]

  // What may stand in every mode inside delimiters, before and after the tokens of the mode.
  const first = delimiters === undefined ? [] : [delimiters.close, delimiters.spaceBeforeClose]
  const nested = delimiters === undefined || strictBraces ? [] : [delimiters.nestedOpen]
  const brace = strictBraces ? [t.ForbiddenBrace] : nested
  const mode = (tokens: readonly TokenType[], junk: readonly TokenType[] = nested): TokenType[] => [
    ...first,
    ...tokens,
    ...junk,
    t.Junk,
  ]
  // Names and reference tokens may hold white space: before the delimiter too.
  const spaced = (tokens: readonly TokenType[]): TokenType[] => [...first.slice(0, 1), ...tokens, ...brace, t.Junk]

  const inKey = template?.mode === 'callback-key' && delimiters !== undefined
  const parameter = inKey
    ? [t.SpaceAfterOpen, delimiters.spaceBeforeClose, delimiters.missingDollar, delimiters.parameterName]
    : template?.mode === 'expression-string'
      ? [t.SpaceBeforeDollar]
      : []
  const dotBeforeHash = dialect === 'asyncapi-2.0.0' ? [t.Dot] : []
  const nameMode = spaced([name, t.Quote, t.Backslash, t.ControlCharacter])

  const modes: Record<string, TokenType[]> = {
    root: [...first.slice(0, 1), ...nested, ...rootsOf[dialect], ...parameter, t.Junk],
    end: mode([]),
    source: mode(sourcesOf[dialect]),
    header: mode([t.HeaderName]),
    name: nameMode,
    body: mode([t.Hash, ...dotBeforeHash]),
    pointer: spaced([t.Slash, referenceToken, t.LoneTilde]),
  }
  if (dialect === 'draft2017') {
    const segments = [t.Dot, t.LeftBracket, draftSegment, t.Quote, t.Backslash, t.ControlCharacter]
    modes.draftBody = [...first.slice(0, 1), ...segments, ...nested, t.Junk]
    modes.index = mode([t.Digits, t.RightBracket])
  }
  if (dialect === 'arazzo-1.1.0') {
    modes.identifier = mode([t.Hash, t.Identifier])
    modes.step = mode([t.OutputsField, t.StepId, t.Dot])
    modes.workflow = mode([t.InputsField, t.OutputsField, t.WorkflowId, t.Dot])
    modes.sourceDescription = mode([t.SourceName, t.SourceDot])
    modes.component = mode([t.ComponentTypeDot])
  }
  if (template !== undefined && delimiters !== undefined) modes.text = textMode(template.mode, delimiters)
  return { modes, defaultMode: template === undefined ? 'root' : 'text' }
}

function textMode(mode: TemplateMode, delimiters: t.DelimiterTokens): TokenType[] {
  return mode === 'text'
    ? [delimiters.openExpression, delimiters.plainOpen, delimiters.textWithClose]
    : [delimiters.open, delimiters.strayClose, delimiters.text]
}

function excludedBy(strictBraces: boolean, delimiters: 'braces' | 'angle' | undefined): t.Excluded {
  if (delimiters === 'angle') return strictBraces ? '{}<>' : '<>'
  return strictBraces || delimiters === 'braces' ? '{}' : ''
}
