import type { Arbitrary, default as FastCheck } from 'fast-check'
import { operationFor } from '../callback/index.ts'
import type { Exchange, ExchangeResponse, HeaderFields, Parameters } from '../http/index.ts'
import {
  type OpenApiDescription,
  type Operation,
  ownServersOf,
  type Parameter,
  parametersOf,
  type Response,
  requestBodyOf,
  responsesOf,
  serversAt,
  serverUrl,
} from '../openapi/index.ts'
import { type Arb, type Builders, buildersOf, valuesOf } from './arbitrary.ts'

export interface ExchangesOptions {
  /** Default: the first response that is a success, else the first. */
  readonly status?: number
}

/**
 * Exchanges of an operation that its description allows, for property tests: parameters, bodies and response fields by their schemas,
 * optional ones there or not. `fc` is fast-check itself: `import fc from 'fast-check'`.
 */
export function exchangesOf(
  fc: typeof FastCheck,
  description: OpenApiDescription,
  operation: Operation | string,
  options: ExchangesOptions = {},
): Arbitrary<Exchange> {
  const builders = buildersOf(fc)
  const found = operationFor(description, operation)
  const request = builders.record({
    path: parametersIn(builders, found, 'path'),
    query: parametersIn(builders, found, 'query'),
    headers: parametersIn(builders, found, 'header'),
    body: bodyOf(builders, found),
  })
  const response = responseOf(builders, found, options.status)
  const base = baseUrlOf(found)
  return builders.record({ request, response, n: builders.integer({ min: 1, max: 999_999 }) }).map(
    ({ request: { path, query, headers, body }, response: answer, n }): Exchange => ({
      id: `exchange-${n}`,
      request: {
        method: found.method,
        url: urlOf(base, found.path, path, query),
        headers: { ...(body === undefined ? {} : { 'content-type': body.mediaType }), ...headers } as HeaderFields,
        path,
        query,
        ...(body === undefined ? {} : { body: body.value }),
      },
      ...(answer === undefined ? {} : { response: answer }),
    }),
  ) as Arbitrary<Exchange>
}

interface Body {
  readonly mediaType: string
  readonly value: unknown
}

function bodyOf(builders: Builders, operation: Operation): Arb<Body | undefined> {
  const declared = requestBodyOf(operation)
  const content = declared?.contents.find(({ schema }) => schema !== undefined) ?? declared?.contents[0]
  if (declared === undefined || content === undefined) return builders.constant(undefined)
  const { schema, mediaType } = content
  const value =
    schema === undefined ? builders.constant<unknown>({}) : valuesOf(builders, operation.description, schema, 'request')
  const body = value.map((one): Body | undefined => ({
    mediaType: mediaType.includes('*') ? 'application/json' : mediaType,
    value: one,
  }))
  return declared.required ? body : builders.oneof(body, body, body, builders.constant<Body | undefined>(undefined))
}

function parametersIn(builders: Builders, operation: Operation, location: Parameter['in']): Arb<Parameters> {
  const declared = parametersOf(operation).parameters.filter((one) => one.in === location)
  const named = declared.map((one) => [one.name, textsOf(builders, operation.description, one)] as const)
  const required = declared.flatMap(({ name, required }) => (required ? [name] : []))
  return builders.record(Object.fromEntries(named), { requiredKeys: required, noNullPrototype: true }) as Arb<Parameters>
}

function textsOf(builders: Builders, description: OpenApiDescription, { schema, in: location }: Parameter): Arb<string> {
  const values = schema === undefined ? builders.constant<unknown>('value') : valuesOf(builders, description, schema, 'request')
  return values.map((value) => {
    const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
    // A path segment is never empty, and a field value has neither space around it nor control characters.
    if (location === 'header') return text.replaceAll(/[^\x21-\x7e]+/g, '-')
    return location === 'path' && /^\.{0,2}$/.test(text) ? 'value' : text
  })
}

function responseOf(builders: Builders, operation: Operation, wanted: number | undefined): Arb<ExchangeResponse | undefined> {
  const responses = responsesOf(operation)
  const isWanted = ({ status }: Response): boolean =>
    wanted === undefined
      ? /^2/.test(status)
      : status === String(wanted) || status.toUpperCase() === `${Math.floor(wanted / 100)}XX`
  const found = responses.find(isWanted) ?? responses.find(({ status }) => status === 'default') ?? responses[0]
  if (found === undefined) return builders.constant(undefined)
  const status =
    wanted ?? (/^\d{3}$/.test(found.status) ? Number(found.status) : Number(`${found.status.replace(/\D/g, '') || '2'}00`))
  const content = found.contents[0]
  const body =
    content?.schema === undefined
      ? builders.constant<unknown>(undefined)
      : valuesOf(builders, operation.description, content.schema, 'response')
  const fields = found.headers.map(({ name, schema }) => [
    name,
    (schema === undefined
      ? builders.constant<unknown>('value')
      : valuesOf(builders, operation.description, schema, 'response')
    ).map((value) => String(value).replaceAll(/[^\x21-\x7e]+/g, '-')),
  ])
  return builders
    .record({ body, headers: builders.record(Object.fromEntries(fields), { noNullPrototype: true }) as Arb<HeaderFields> })
    .map(({ body: value, headers }): ExchangeResponse | undefined => ({
      status,
      headers: { ...(value === undefined ? {} : { 'content-type': content?.mediaType ?? 'application/json' }), ...headers },
      ...(value === undefined ? {} : { body: value }),
    }))
}

function baseUrlOf(operation: Operation): string {
  const [server] = ownServersOf(operation) ?? serversAt(operation.description.root) ?? []
  return (server === undefined ? undefined : serverUrl(server))?.replace(/\/$/, '') ?? 'https://api.example'
}

function urlOf(base: string, template: string, path: Parameters, query: Parameters): string {
  const filled = template.replace(/\{([^{}]+)\}/g, (_all, name: string) => encodeURIComponent(String(path[name] ?? '')))
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString()
  return `${base}${filled}${search === '' ? '' : `?${search}`}`
}
