import { fieldLines, type PartialExchange } from '../http/index.ts'
import { assertNever, err, ok, type Result } from '../util/index.ts'
import type { RuntimeExpression, Source } from './ast.ts'
import { valueInBody } from './body.ts'
import { outsideRootOf } from './outside.ts'
import { nowhere, stepsOf, walk } from './pointer-walk.ts'
import type { Message, Unresolved } from './unresolved.ts'

/** How values are read from an exchange. */
export interface EvaluateOptions {
  /**
   * A header field of several lines: one value joined with `, ` (RFC 9110, section 5.3; `Set-Cookie` cannot be joined and gives its first
   * line), the first line, or all lines as an array. Default `combined`.
   */
  readonly headerLines?: 'combined' | 'first' | 'all'
  /** A query or path parameter with several values: all as an array, the first or the last. Default `all`. */
  readonly repeatedParameters?: 'all' | 'first' | 'last'
  /** Pointers into a multipart body begin in the part of this name (3GPP: `jsonData`). Default: they begin with the name of a part. */
  readonly multipartRoot?: string
  /** Only these parameters are read ("MUST be declared", OAS 3); `Accept`, `Content-Type` and `Authorization` cannot be declared and always are. Default: every one is read. */
  readonly strictDeclared?: DeclaredParameters
  /** Turns the text of a parameter into the type its schema gives it. Default: parameters are strings. */
  readonly coerce?: (parameter: { readonly in: 'query' | 'path' | 'header'; readonly name: string }, value: string) => unknown
}

export interface DeclaredParameters {
  readonly query?: readonly string[]
  readonly path?: readonly string[]
  /** In any case. */
  readonly header?: readonly string[]
}

/** The value of one expression in an exchange, or why there is none. */
export type CompiledExpression = (exchange: PartialExchange) => Result<unknown, Unresolved>

export function compileExpression(expression: RuntimeExpression, options: EvaluateOptions): CompiledExpression {
  switch (expression.kind) {
    case 'url':
      return ({ request }) => recorded(request?.url, 'url', request === undefined || request === null)
    case 'method':
      return ({ request }) => recorded(upperCase(request?.method), 'method', request === undefined || request === null)
    case 'status-code':
      return ({ response }) =>
        response === undefined || response === null ? err({ reason: 'no-response' }) : recorded(response.status, 'status', false)
    case 'request':
      return compileSource(expression.source, 'request', options)
    case 'response':
      return compileSource(expression.source, 'response', options)
    default:
      return outside(outsideRootOf(expression))
  }
}

function recorded(
  value: string | number | undefined,
  part: 'url' | 'method' | 'status',
  noRequest: boolean,
): Result<string | number, Unresolved> {
  if (value !== undefined) return ok(value)
  return err(noRequest ? { reason: 'no-request' } : { reason: 'not-recorded', part })
}

function upperCase(method: string | undefined): string | undefined {
  return typeof method === 'string' ? method.toUpperCase() : undefined
}

function outside(root: string): CompiledExpression {
  const result = err<Unresolved>({ reason: 'outside-exchange', root })
  return () => result
}

function compileSource(source: Source, message: Message, options: EvaluateOptions): CompiledExpression {
  switch (source.kind) {
    case 'header-reference':
      return compileHeader(source.name, message, options)
    case 'query-reference':
      return compileParameter('query', source.name, message, options)
    case 'path-reference':
      return compileParameter('path', source.name, message, options)
    case 'body-reference':
      return source.pointer === undefined ? compileWholeBody(message) : compilePointer(source.pointer.tokens, message, options)
    case 'draft-body-reference':
      return source.path.length === 0 ? compileWholeBody(message) : compilePointer(source.path, message, options)
    case 'payload-reference':
      return outside('payload')
    default:
      return assertNever(source)
  }
}

function absent(message: Message): { readonly ok: false; readonly error: Unresolved } {
  return err({ reason: message === 'request' ? 'no-request' : 'no-response' })
}

function compileWholeBody(message: Message): CompiledExpression {
  return (exchange) => {
    const source = exchange[message]
    if (source === undefined || source === null) return absent(message)
    return source.body === undefined ? err({ reason: 'no-body', message }) : ok(source.body)
  }
}

function compilePointer(
  tokens: readonly (string | number)[],
  message: Message,
  { multipartRoot }: EvaluateOptions,
): CompiledExpression {
  const steps = stepsOf(tokens)
  return (exchange) => {
    const source = exchange[message]
    if (source === undefined || source === null) return absent(message)
    const { body } = source
    // The common case first: a parsed body that has the value.
    if (multipartRoot === undefined && typeof body === 'object' && body !== null && !ArrayBuffer.isView(body)) {
      const value = walk(body, steps)
      if (value !== nowhere) return ok(value)
    }
    return valueInBody(source, message, steps, multipartRoot)
  }
}

const undeclarableHeaders = ['accept', 'content-type', 'authorization']

function compileHeader(name: string, message: Message, options: EvaluateOptions): CompiledExpression {
  const declared = options.strictDeclared?.header?.map((header) => header.toLowerCase())
  if (
    message === 'request' &&
    options.strictDeclared !== undefined &&
    !undeclarableHeaders.includes(name) &&
    !declared?.includes(name)
  ) {
    const result = err<Unresolved>({ reason: 'not-declared', in: 'header', name })
    return () => result
  }
  const headerLines = options.headerLines ?? 'combined'
  const typed = typedBy(options, 'header', name)
  return (exchange) => {
    const source = exchange[message]
    if (source === undefined || source === null) return absent(message)
    const lines = source.headers === undefined || source.headers === null ? [] : fieldLines(source.headers, name)
    const first = lines[0]
    if (first === undefined) return err({ reason: 'header-not-found', message, name })
    if (headerLines === 'all') return ok(lines.map(typed))
    const value = typed(lines.length === 1 || headerLines === 'first' || name === 'set-cookie' ? first : lines.join(', '))
    return value === undefined ? err({ reason: 'header-not-found', message, name }) : ok(value)
  }
}

function compileParameter(
  location: 'query' | 'path',
  name: string,
  message: Message,
  options: EvaluateOptions,
): CompiledExpression {
  if (message === 'response') {
    const result = err<Unresolved>({ reason: 'response-has-no-parameters', in: location })
    return ({ response }) => (response === undefined || response === null ? absent('response') : result)
  }
  if (options.strictDeclared !== undefined && !options.strictDeclared[location]?.includes(name)) {
    const result = err<Unresolved>({ reason: 'not-declared', in: location, name })
    return () => result
  }
  const repeated = options.repeatedParameters ?? 'all'
  const typed = typedBy(options, location, name)
  return ({ request }) => {
    if (request === undefined || request === null) return absent('request')
    const parameters = request[location]
    const given =
      typeof parameters === 'object' && parameters !== null && Object.hasOwn(parameters, name) ? parameters[name] : undefined
    const value = chosen(given)
    return value === undefined ? err({ reason: `${location}-parameter-not-found`, name }) : ok(value)
  }

  /** `undefined`: there is none. */
  function chosen(given: unknown): unknown {
    if (typeof given === 'string') return typed(given)
    // A value that an adapter has typed already.
    if (!Array.isArray(given)) return given
    if (given.length > 1 && repeated === 'all') return given.map(typed)
    return given.length === 0 ? undefined : typed(given[repeated === 'last' ? given.length - 1 : 0] as string)
  }
}

function typedBy({ coerce }: EvaluateOptions, location: 'query' | 'path' | 'header', name: string): (value: string) => unknown {
  return coerce === undefined
    ? (value) => value
    : (value) => (typeof value === 'string' ? coerce({ in: location, name }, value) : value)
}
