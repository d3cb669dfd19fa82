import { isJsonMediaType } from '../http/index.ts'
import { child, type Operation, type Parameter } from '../openapi/index.ts'
import { err, ok, type Result } from '../util/index.ts'
import { declaredRequestOf } from './declared-request.ts'
import { declaredValue } from './declared-values.ts'
import { jsonText } from './json-text.ts'
import { type Style, styled } from './parameter-style.ts'
import { encodeReserved, encodeUnreserved } from './percent-encoding.ts'
import type { RequestProblem } from './request-problem.ts'

/** What the parameters of a callback operation add to a request. */
export interface WrittenParameters {
  /** Without `?`; empty when there are none. */
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Writes the query, header and cookie parameters of an operation. A value is given by name, or by place and name (`header.X-Id`) where two
 * have the same name; of a required one that is not given, the declared example or default is taken when `example` is set.
 * Throws a `TypeError` for a name that the operation does not declare. Path parameters are part of the callback URL already.
 */
export function writeParameters(
  operation: Operation,
  given: Readonly<Record<string, unknown>>,
  example: boolean,
): Result<WrittenParameters, RequestProblem> {
  const { parameters } = declaredRequestOf(operation)
  refuseUnknown(operation, parameters, given)
  if (parameters.length === 0) return none
  const query: string[] = []
  const cookies: string[] = []
  const headers: Record<string, string> = {}
  for (const parameter of parameters) {
    if (parameter.in === 'path' || isIgnored(parameter)) continue
    const value = valueFor(parameter, operation, given, example)
    if (value === undefined) {
      if (!parameter.required) continue
      return err({
        reason: 'parameter-missing',
        in: parameter.in,
        name: parameter.name,
        message: `Expected a value for the required ${parameter.in} parameter ${JSON.stringify(parameter.name)}: give it under "parameters".`,
      })
    }
    const text = textFor(parameter, value)
    if (text === undefined || !canStand(parameter, text)) {
      return err(notEncodable(parameter))
    }
    if (parameter.in === 'header') headers[parameter.name] = text
    else if (parameter.in === 'cookie') cookies.push(text)
    else if (text !== '') query.push(text)
  }
  if (cookies.length > 0) headers.Cookie = cookies.join('; ')
  return ok({ query: query.join('&'), headers })
}

const none = ok<WrittenParameters>({ query: '', headers: {} })

/** The text of a path parameter in its style, percent-encoded. `undefined`: the style has no form for such a value. */
export function writePathParameter(parameter: Parameter, value: unknown): string | undefined {
  return textFor(parameter, value)
}

/** Whether an operation has a parameter of this name that a request can be given; `header.name` says its place. */
export function declaresParameter(operation: Operation, name: string): boolean {
  return declaredRequestOf(operation).parameters.some((one) => one.in !== 'path' && isNamed(one, name))
}

/** OAS 3, Parameter Object: header parameters of these names are not parameters. */
const notParameters = ['accept', 'content-type', 'authorization']
/** What makes the message a message is for the client that sends it (RFC 9110, 7.6.1; RFC 9112). */
const ofTheConnection = [
  ...['host', 'content-length', 'transfer-encoding', 'connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade'],
  'expect',
]

function isIgnored({ in: location, name }: Parameter): boolean {
  const folded = name.toLowerCase()
  return location === 'header' && (notParameters.includes(folded) || ofTheConnection.includes(folded))
}

function refuseUnknown(operation: Operation, parameters: readonly Parameter[], given: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(given)) {
    const known = parameters.find((one) => isNamed(one, name))
    if (known === undefined) {
      const declared = parameters.map((one) => JSON.stringify(one.name)).join(', ')
      throw new TypeError(
        `Expected parameters that ${operation.method} ${operation.path} declares (${declared === '' ? 'it has none' : declared}) but found ${JSON.stringify(name)}.`,
      )
    }
    if (known.in === 'path') {
      throw new TypeError(
        `The path parameter ${JSON.stringify(name)} is part of the callback URL, which is resolved already: give it to resolveCallbacks, under "params".`,
      )
    }
  }
}

function isNamed(parameter: Parameter, name: string): boolean {
  const same = (one: string): boolean => (parameter.in === 'header' ? one.toLowerCase() === name.toLowerCase() : one === name)
  return same(parameter.name) || same(`${parameter.in}.${parameter.name}`)
}

function valueFor(
  parameter: Parameter,
  operation: Operation,
  given: Readonly<Record<string, unknown>>,
  example: boolean,
): unknown {
  const names = Object.keys(given).filter((name) => isNamed(parameter, name))
  const name = names.find((one) => one.toLowerCase().startsWith(`${parameter.in}.`)) ?? names[0]
  const value = name === undefined ? undefined : given[name]
  if (value !== undefined) return value
  return example && parameter.required ? declaredValue(parameter, operation) : undefined
}

function textFor(parameter: Parameter, value: unknown): string | undefined {
  const [content] = parameter.contents
  const encode = encodingFor(parameter)
  if (content !== undefined) {
    const text = isJsonMediaType(content.mediaType) ? jsonText(value) : typeof value === 'string' ? value : undefined
    if (text === undefined) return undefined
    if (parameter.in === 'querystring') return isJsonMediaType(content.mediaType) ? encode(text) : text
    return parameter.in === 'query' || parameter.in === 'cookie' ? `${encode(parameter.name)}=${encode(text)}` : encode(text)
  }
  return styled(parameter.name, value, { style: styleOf(parameter), explode: isExploded(parameter), encode })
}

function encodingFor(parameter: Parameter): (text: string) => string {
  if (parameter.in === 'header' || styleOf(parameter) === 'cookie') return (text) => text
  const mayKeepReserved = parameter.in === 'query' && child(parameter.object, 'allowReserved')?.value === true
  return mayKeepReserved ? encodeReserved : encodeUnreserved
}

const styles: Readonly<Record<Parameter['in'], readonly Style['style'][]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  querystring: ['form'],
  header: ['simple'],
  cookie: ['form', 'cookie'],
}

/** The style of its place when it names none, or one that cannot stand there. */
function styleOf(parameter: Parameter): Style['style'] {
  const possible = styles[parameter.in]
  const named = child(parameter.object, 'style')?.value
  return possible.find((style) => style === named) ?? possible[0] ?? 'simple'
}

function isExploded(parameter: Parameter): boolean {
  const explode = child(parameter.object, 'explode')?.value
  if (typeof explode === 'boolean') return explode
  const style = styleOf(parameter)
  return style === 'form' || style === 'cookie'
}

function canStand(parameter: Parameter, text: string): boolean {
  if (parameter.in === 'query' || parameter.in === 'querystring') return true
  return isFieldValue(text) && (parameter.in !== 'header' || /^[\w!#$%&'*+.^`|~-]+$/.test(parameter.name))
}

export function isFieldValue(text: string): boolean {
  return /^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(text) && text === text.trim()
}

function notEncodable(parameter: Parameter): RequestProblem {
  return {
    reason: 'parameter-not-encodable',
    in: parameter.in,
    name: parameter.name,
    message: `The value for the ${parameter.in} parameter ${JSON.stringify(parameter.name)} cannot be written as that: its style has no form for it, or it holds characters that cannot stand there.`,
  }
}
