import type { RuntimeExpression } from '../../expression/index.ts'
import { essenceOf, fieldValue, foldFieldName, type HeaderFields } from '../../http/index.ts'
import { candidatesOf } from './candidates.ts'
import { setAtPointer } from './set-at-pointer.ts'
import type { OpenApiTarget } from './target.ts'

/** A request that asks for a callback, before it is sent. */
export interface InjectableRequest {
  /** With its query; absolute, or the path alone. */
  readonly url: string
  readonly headers?: HeaderFields
  /** Decoded query parameters, where the caller keeps them beside the URL: they are kept in step. */
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>
  /** A JSON value, a record of form fields, `URLSearchParams`; or the text of JSON or of a form, as Content-Type says. */
  readonly body?: unknown
}

/**
 * A copy of a request with the URL of an endpoint where the callback's key will read it: in the body, the query or a header. With several
 * callbacks, wherever one of them reads it. Throws a `TypeError` that tells why when no key can be given the URL.
 */
export function injectCallbackUrl<R extends InjectableRequest>(request: R, target: OpenApiTarget, url: string): R {
  const reasons: string[] = []
  const done = new Set<string>()
  let injected: R = request
  for (const { shape, expression } of candidatesOf(target)) {
    const { base } = shape
    if (base.kind !== 'expression') {
      reasons.push(`${JSON.stringify(expression)} ${whyNot(base.kind)}`)
      continue
    }
    if (done.has(base.text)) continue
    const found = inject(injected, base.expression, url)
    if (typeof found === 'string') reasons.push(`${JSON.stringify(expression)} ${found}`)
    else {
      injected = { ...injected, ...found }
      done.add(base.text)
    }
  }
  if (done.size > 0) return injected
  throw new TypeError(
    `Expected a callback whose key reads its URL from the request, but the callback key ${[...new Set(reasons)].join('; the callback key ')}`,
  )
}

function whyNot(kind: 'parameter' | 'host' | 'relative' | 'elsewhere'): string {
  switch (kind) {
    case 'host':
      return 'spells out its host: let the sender map that host to the URL of the endpoint'
    case 'relative':
      return "is a path alone, on the API's own server: let the sender map that server to the URL of the endpoint"
    case 'parameter':
      return 'is a path parameter that only the description can explain: tell the sender the URL of the endpoint otherwise'
    case 'elsewhere':
      return 'belongs to a webhook, whose URL is agreed elsewhere: register the URL of the endpoint there'
  }
}

/** What changes in the request, or why the URL cannot be there. */
function inject(request: InjectableRequest, expression: RuntimeExpression, url: string): Partial<InjectableRequest> | string {
  if (expression.kind === 'response') return 'reads the response, which the server writes'
  if (expression.kind !== 'request') return 'reads what no request can be given'
  const { source } = expression
  switch (source.kind) {
    case 'body-reference':
      return source.pointer === undefined ? { body: url } : inBody(request, source.pointer.tokens, url)
    case 'query-reference':
      return inQuery(request, source.name, url)
    case 'header-reference':
      return { headers: inHeaders(request.headers ?? {}, source.raw, url) }
    case 'path-reference':
      return `reads the path parameter ${JSON.stringify(source.name)}: write the URL there, percent-encoded, before the request is made`
    default:
      return 'reads what no request can be given'
  }
}

function inBody(
  { headers = {}, body }: InjectableRequest,
  tokens: readonly string[],
  url: string,
): Partial<InjectableRequest> | string {
  const [name = ''] = tokens
  const isForm = essenceOf(fieldValue(headers, 'content-type') ?? '') === 'application/x-www-form-urlencoded'
  if (body instanceof URLSearchParams || (typeof body === 'string' && isForm)) {
    if (tokens.length !== 1) return 'reads a place inside a field of the form, which is text'
    const fields = new URLSearchParams(body)
    fields.set(name, url)
    return { body: typeof body === 'string' ? fields.toString() : fields }
  }
  if (typeof body !== 'string') return set(body, (value) => value)
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return 'reads a place in the body, which is text and no JSON'
  }
  return set(value, (changed) => JSON.stringify(changed))

  function set(value: unknown, write: (changed: unknown) => unknown): Partial<InjectableRequest> | string {
    const changed = setAtPointer(value, tokens, url)
    return changed.ok ? { body: write(changed.value) } : `reads a place in the body that cannot be: ${changed.error}`
  }
}

function inQuery({ url, query }: InjectableRequest, name: string, value: string): Partial<InjectableRequest> {
  const [, before = '', search = '', hash = ''] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(url) ?? []
  const others = search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && !new URLSearchParams(pair).has(name))
  const changed = [...others, `${encodeURIComponent(name)}=${encodeURIComponent(value)}`].join('&')
  return { url: `${before}?${changed}${hash}`, ...(query === undefined ? {} : { query: { ...query, [name]: value } }) }
}

function inHeaders(headers: HeaderFields, name: string, value: string): HeaderFields {
  const others = Object.entries(headers).filter(([other]) => foldFieldName(other) !== foldFieldName(name))
  return { ...Object.fromEntries(others), [name]: value }
}
