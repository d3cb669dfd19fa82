import type { PartialExchange } from '../http/index.ts'
import { assertNever, err, ok, type Result } from '../util/index.ts'
import type { EmbeddedExpression, ExpressionTemplate, PathParameter, Span, TemplatePart } from './ast.ts'
import { type CompiledExpression, compileExpression, type EvaluateOptions } from './compile-expression.ts'
import { requireOneOf } from './require-one-of.ts'
import { describeUnresolved, type Unresolved } from './unresolved.ts'
import {
  encodeUnreserved,
  isAbsoluteHttpUrl,
  isDotSegmentAt,
  isHostText,
  positionAfter,
  positionAfterAuthority,
  segmentStartIn,
  type UrlPosition,
} from './url-position.ts'

/** How values become part of the text of a template. */
export interface InterpolateOptions extends EvaluateOptions {
  /**
   * - `none`: values as they are, as the OAS has it; `null` is `null`, objects and arrays are JSON.
   * - `url`: the text is a URL. A value at its start is the URL itself; later ones are percent-encoded to unreserved characters, in the
   *   authority they must be host or port. Null, objects, arrays and repeated parameters are refused.
   *
   * Default `none`.
   */
  readonly encode?: 'none' | 'url'
  /** With `encode: 'url'`: makes text of an object or array that would be refused. */
  readonly stringify?: (value: object) => string
  /** With `encode: 'url'`: a value at the start need not be an absolute http(s) URL. Default false. */
  readonly allowRelative?: boolean
  /**
   * With `encode: 'url'`: a value that holds `?` or `#`, before text that begins with `/` or `?`: write it as it is, refuse it, or put the
   * text's path before the query. Default `verbatim`.
   */
  readonly tail?: 'verbatim' | 'refuse' | 'join'
}

/** Values for `{name}`, by name. */
export type TemplateParameters = Readonly<Record<string, string | number | boolean | null | undefined>>

/** Why a template has no text. One part without a value fails all of it: half a URL is worse than none. */
export type TemplateFailure = FailureDetail & { readonly span: Span }

type FailureDetail =
  | { readonly reason: 'missing'; readonly because: Unresolved }
  | { readonly reason: 'missing-parameter'; readonly name: string }
  | { readonly reason: 'null-in-url' }
  | { readonly reason: 'not-scalar-in-url' }
  /** A query parameter that occurs several times. */
  | { readonly reason: 'ambiguous-value' }
  | { readonly reason: 'not-an-absolute-url' }
  | { readonly reason: 'not-a-host' }
  /** The path segment becomes `.` or `..`: encoded or not, that changes the path before it. */
  | { readonly reason: 'dot-segment' }
  | { readonly reason: 'tail-after-query' }
  /** Half of a surrogate pair. */
  | { readonly reason: 'not-well-formed' }
  /** A value that JSON cannot express: a cycle, a BigInt. */
  | { readonly reason: 'not-serialisable' }

export type CompiledTemplate = (exchange: PartialExchange, parameters?: TemplateParameters) => Result<string, TemplateFailure>

export function compileTemplate(template: ExpressionTemplate, options: InterpolateOptions): CompiledTemplate {
  requireOneOf('encode', options.encode, ['none', 'url'])
  requireOneOf('tail', options.tail, ['verbatim', 'refuse', 'join'])
  return options.encode === 'url' ? compileUrl(template, options) : compileText(template, options)
}

/** One plain sentence, without the values of the exchange. */
export function describeTemplateFailure(failure: TemplateFailure): string {
  switch (failure.reason) {
    case 'missing':
      return describeUnresolved(failure.because)
    case 'missing-parameter':
      return `No value was given for the path parameter {${failure.name}}.`
    case 'null-in-url':
      return 'The value is null, which cannot be part of a URL.'
    case 'not-scalar-in-url':
      return 'The value is an object or an array, which cannot be part of a URL.'
    case 'ambiguous-value':
      return 'The query parameter occurs several times: which of its values belongs into the URL cannot be told.'
    case 'not-an-absolute-url':
      return 'The value at the start of the URL is not an absolute http or https URL.'
    case 'not-a-host':
      return 'The value stands where the URL has its host and port, and holds characters that those cannot have.'
    case 'dot-segment':
      return 'The path segment becomes "." or "..", which changes the path before it.'
    case 'tail-after-query':
      return 'The value has a query or fragment, so the path after it would become part of that.'
    case 'not-well-formed':
      return 'The value holds half of a surrogate pair, which cannot be encoded.'
    case 'not-serialisable':
      return 'The value cannot be written as JSON.'
    default:
      return assertNever(failure)
  }
}

type Hole =
  | { readonly kind: 'expression'; readonly span: Span; readonly query: boolean; readonly evaluate: CompiledExpression }
  | { readonly kind: 'parameter'; readonly span: Span; readonly name: string }
type Piece = string | Hole

function piecesOf(template: ExpressionTemplate, options: EvaluateOptions): readonly Piece[] {
  return template.parts.map((part) => (part.kind === 'literal' ? part.text : holeOf(part, options)))
}

function holeOf(part: EmbeddedExpression | PathParameter, options: EvaluateOptions): Hole {
  if (part.kind === 'path-parameter') return { kind: 'parameter', span: part.span, name: part.name }
  const { expression } = part
  const query = expression.kind === 'request' && expression.source.kind === 'query-reference'
  return { kind: 'expression', span: part.span, query, evaluate: compileExpression(expression, options) }
}

/** The value of a hole, or the reason there is none. */
function fill(hole: Hole, exchange: PartialExchange, parameters: TemplateParameters | undefined): Result<unknown, FailureDetail> {
  if (hole.kind === 'expression') {
    const result = hole.evaluate(exchange)
    return result.ok ? result : err({ reason: 'missing', because: result.error })
  }
  const value = parameters !== undefined && Object.hasOwn(parameters, hole.name) ? parameters[hole.name] : undefined
  return value === undefined ? err({ reason: 'missing-parameter', name: hole.name }) : ok(value)
}

function compileText(template: ExpressionTemplate, options: EvaluateOptions): CompiledTemplate {
  const pieces = piecesOf(template, options)
  return (exchange, parameters) => {
    let text = ''
    for (const piece of pieces) {
      if (typeof piece === 'string') {
        text += piece
        continue
      }
      const filled = fill(piece, exchange, parameters)
      if (!filled.ok) return failure(filled.error, piece)
      const { value } = filled
      if (typeof value === 'object' && value !== null) {
        const json = jsonOf(value)
        if (json === undefined) return failure({ reason: 'not-serialisable' }, piece)
        text += json
      } else {
        text += String(value)
      }
    }
    return ok(text)
  }
}

function compileUrl(template: ExpressionTemplate, options: InterpolateOptions): CompiledTemplate {
  const pieces = piecesOf(template, options)
  const tail = options.tail ?? 'verbatim'
  const tailIsPath = /^[/?]/.test(tailOf(template.parts))
  const [first] = pieces
  const begin = typeof first === 'string' ? first : ''
  const positionAtBegin = positionAfter(begin)
  const last = pieces.length > 1 ? pieces.at(-1) : undefined
  const end = typeof last === 'string' ? last : ''
  const between = pieces.slice(begin === '' ? 0 : 1, end === '' ? undefined : -1)
  return (exchange, parameters) => {
    let url = begin
    let position: UrlPosition = positionAtBegin
    // What a value at the start had from its `?` or `#` on, to be put behind the path that follows it.
    let queryOfStart = ''
    // Path segments in which a value may make a dot segment, together with the text around it: the first such value of each.
    let suspects: { readonly hole: Hole; readonly at: number; readonly segment: number }[] | undefined
    // Where the last path segment starts and whether the path has ended, as of the first `seen` characters: few values make one ask.
    let seen = 0
    let segment = 0
    let inPath = true
    for (let index = 0; index < between.length; index++) {
      const piece = between[index] as Piece
      let text: string
      if (typeof piece === 'string') {
        text = piece
      } else {
        const filled = fill(piece, exchange, parameters)
        if (!filled.ok) return failure(filled.error, piece)
        const written = textForUrl(filled.value, piece, position, options)
        if (!written.ok) return failure(written.error, piece)
        text = written.value
        if (position === 'start' && tailIsPath && tail !== 'verbatim' && /[?#]/.test(text)) {
          if (tail === 'refuse') return failure({ reason: 'tail-after-query' }, piece)
          const at = text.search(/[?#]/)
          queryOfStart = text.slice(at)
          text = text.slice(0, at)
        }
        if (inPath && position === 'after-authority' && (text === '' || text === '.' || text === '..')) {
          const unseen = url.slice(seen)
          const separator = segmentStartIn(unseen)
          if (separator > 0) segment = seen + separator
          inPath = !/[?#]/.test(unseen)
          seen = url.length
          suspects ??= []
          if (inPath && suspects.at(-1)?.segment !== segment) suspects.push({ hole: piece, at: url.length, segment })
        }
      }
      url += text
      // Where nothing but text follows, nobody asks.
      if (index === between.length - 1) break
      if (position === 'start') position = positionAfter(url)
      else if (position === 'authority') position = positionAfterAuthority(text)
    }
    url += end
    for (const { hole, at, segment: start } of suspects ?? []) {
      if (isDotSegmentAt(url, start)) return failure({ reason: 'dot-segment' }, hole)
      // `/{x}/…`: with nothing in it, the path would begin an authority.
      if (at === 1 && /^[/\\]{2}/.test(url)) return failure({ reason: 'not-a-host' }, hole)
    }
    return ok(queryOfStart === '' ? url : joined(url, queryOfStart))
  }
}

/** The literal text behind a first part that is no literal. */
function tailOf([first, second]: readonly TemplatePart[]): string {
  return first !== undefined && first.kind !== 'literal' && second?.kind === 'literal' ? second.text : ''
}

/** The value's own query goes behind the path of the tail; a query of the tail is added to it. */
function joined(url: string, queryOfStart: string): string {
  const hash = queryOfStart.indexOf('#')
  const query = hash === -1 ? queryOfStart : queryOfStart.slice(0, hash)
  const fragment = hash === -1 ? '' : queryOfStart.slice(hash)
  const mark = url.indexOf('?')
  if (mark === -1 || query === '') return url + query + fragment
  return `${url.slice(0, mark)}${query}&${url.slice(mark + 1)}${fragment}`
}

function textForUrl(
  value: unknown,
  hole: Hole,
  position: UrlPosition,
  options: InterpolateOptions,
): Result<string, FailureDetail> {
  let text: string
  if (value === null) return err({ reason: 'null-in-url' })
  if (typeof value === 'object') {
    if (Array.isArray(value) && hole.kind === 'expression' && hole.query && options.stringify === undefined) {
      return err({ reason: 'ambiguous-value' })
    }
    if (options.stringify === undefined) return err({ reason: 'not-scalar-in-url' })
    text = options.stringify(value)
  } else {
    text = String(value)
  }
  switch (position) {
    case 'start':
      return options.allowRelative === true || isAbsoluteHttpUrl(text) ? ok(text) : err({ reason: 'not-an-absolute-url' })
    case 'authority':
      return isHostText(text) ? ok(text) : err({ reason: 'not-a-host' })
    case 'after-authority': {
      const encoded = encodeUnreserved(text)
      return encoded === undefined ? err({ reason: 'not-well-formed' }) : ok(encoded)
    }
    default:
      return assertNever(position)
  }
}

function failure(detail: FailureDetail, { span }: Hole): { readonly ok: false; readonly error: TemplateFailure } {
  return err({ ...detail, span })
}

function jsonOf(value: object): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
