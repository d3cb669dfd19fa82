import { matchCallbackUrl, operationFor, resolveCallbacks } from '../callback/index.ts'
import { fieldLines, fieldValue, type HeaderFields, isJsonMediaType, type PartialExchange } from '../http/index.ts'
import {
  callbacksOf,
  contentFor,
  type OpenApiDescription,
  type Operation,
  parametersOf,
  requestBodyOf,
} from '../openapi/index.ts'
import { compileSchemaSync, selfContained } from '../schema/index.ts'
import { strictTextOf } from '../util/index.ts'
import { identified } from './callback-urls.ts'

/** A request that may be a callback: what a dispatcher sends, what a recording transport has seen, or what a test has at hand. */
export interface CandidateRequest {
  readonly method: string
  readonly url: string
  readonly headers: HeaderFields
  readonly body?: Uint8Array | string | undefined
}

export interface CallbackOf {
  readonly description: OpenApiDescription
  /** The operation that promises the callback: an operationId, `POST /streams`, or a pointer. */
  readonly operation: string
  /** Default: any of its callbacks. */
  readonly callback?: string
  /** Compares the URL with what the key is worth in it. Default: the URL has to be one that the key can lead to. */
  readonly exchange?: PartialExchange
}

/** Why a request is not one of these callbacks; empty: it is. */
export function requestProblems(request: CandidateRequest, wanted: CallbackOf): readonly string[] {
  const promising = operationFor(wanted.description, wanted.operation)
  const callbacks = callbacksOf(promising).filter(({ name }) => wanted.callback === undefined || name === wanted.callback)
  if (callbacks.length === 0) {
    const names = callbacksOf(promising).map(({ name }) => name)
    throw new TypeError(
      `Expected a callback of ${wanted.operation} (${names.join(', ') || 'it has none'}) but found ${wanted.callback}`,
    )
  }
  const candidates = callbacks.flatMap(({ name, keys }) =>
    keys.flatMap(({ key, operations }) => operations.map((operation) => ({ name, key, operation }))),
  )
  const problems = candidates.map(({ name, key, operation }) => {
    const all = [
      ...methodProblem(request, operation),
      ...urlProblems(request, { ...wanted, operation: promising, name, key, method: operation.method }),
      ...parameterProblems(request, operation),
      ...bodyProblems(request, operation),
    ]
    return all.map((one) => `${name} (${operation.method} ${key}): ${one}`)
  })
  const [best = ['The operation has no callback operations.']] = problems.sort((a, b) => a.length - b.length)
  return best
}

function methodProblem({ method }: CandidateRequest, operation: Operation): readonly string[] {
  if (method.toUpperCase() === operation.method.toUpperCase()) return []
  return [`expected the method ${operation.method} but found ${method}`]
}

interface UrlQuestion {
  readonly description: OpenApiDescription
  readonly exchange?: PartialExchange
  readonly operation: Operation
  readonly name: string
  readonly key: string
  readonly method: string
}

function urlProblems(
  { url }: CandidateRequest,
  { description, exchange, operation, name, key, method }: UrlQuestion,
): readonly string[] {
  if (exchange === undefined) {
    // The callback operation may add parameters to the query.
    const matched = [url, url.replace(/[?#].*$/s, '')].map((text) => matchCallbackUrl(key, text))
    const [first] = matched
    return matched.some(({ ok }) => ok) || first?.ok !== false ? [] : [first.error.message]
  }
  const resolved = resolveCallbacks(description, operation, identified(exchange), { fanOut: true }).filter(
    (one) => one.callback === name && one.key === key && one.method === method,
  )
  const targets = resolved.flatMap(({ target }) => (target.ok ? [target.value.url] : []))
  if (targets.some((target) => leadsTo(target, url))) return []
  const [failed] = resolved.flatMap(({ target }) => (target.ok ? [] : [target.error.message]))
  if (targets.length === 0) return [`expected no request, since the key has no URL in the exchange (${failed ?? 'no such key'})`]
  return [`expected the URL ${targets.join(' or ')} but found ${url}`]
}

/** The URL of a target, or that with more in its query. */
function leadsTo(target: string, url: string): boolean {
  if (!URL.canParse(target) || !URL.canParse(url)) return target === url
  const [expected, found] = [new URL(target), new URL(url)]
  if (expected.origin + expected.pathname !== found.origin + found.pathname) return false
  return [...expected.searchParams].every(([name, value]) => found.searchParams.getAll(name).includes(value))
}

function parameterProblems({ headers, url }: CandidateRequest, operation: Operation): readonly string[] {
  const query = URL.canParse(url) ? new URL(url).searchParams : new URLSearchParams()
  return parametersOf(operation).parameters.flatMap(({ name, in: location, required }) => {
    const isThere = location === 'header' ? fieldLines(headers, name).length > 0 : location !== 'query' || query.has(name)
    return required && !isThere
      ? [`expected the ${location} parameter ${JSON.stringify(name)}, which is required, but it is missing`]
      : []
  })
}

function bodyProblems({ headers, body = '' }: CandidateRequest, operation: Operation): readonly string[] {
  const declared = requestBodyOf(operation)
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  if (bytes.byteLength === 0) return declared?.required === true ? ['expected a body, which is required, but found none'] : []
  if (declared === undefined) return []
  const type = fieldValue(headers, 'content-type')
  const content = type === undefined ? undefined : contentFor(declared.contents, type)
  if (content === undefined) {
    const types = declared.contents.map(({ mediaType }) => mediaType).join(' or ')
    return declared.contents.length === 0 ? [] : [`expected the media type ${types} but found ${type ?? 'none'}`]
  }
  if (content.schema === undefined || !isJsonMediaType(type ?? '')) return []
  const text = strictTextOf(bytes)
  try {
    if (text === undefined) return ['expected JSON in UTF-8 but found other bytes']
    const { schema, dialect } = selfContained(operation.description, content.schema, 'request')
    const errors = compileSchemaSync(schema, { dialect })(JSON.parse(text))
    return errors.map(({ pointer, message }) => `the body${pointer === '' ? '' : ` at ${pointer}`} ${message}`)
  } catch (error) {
    if (error instanceof SyntaxError) return [`expected JSON but found ${error.message}`]
    throw error
  }
}
