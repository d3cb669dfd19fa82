import { isJsonMediaType } from '../../http/index.ts'
import {
  type Content,
  child,
  items,
  jsonFirst,
  type Located,
  members,
  type Operation,
  type Response,
  type ResponseHeader,
  responsesOf,
} from '../../openapi/index.ts'
import { utf8 } from '../../util/index.ts'
import type { Answer } from '../answer.ts'
import { ContractError } from './contract-error.ts'
import { pointerIn } from './pointer-in.ts'
import { validatorOf } from './validator.ts'

/** What the description says to a call that fits: its lowest 2xx, else `2XX` or `default` as 200. `undefined`: it says nothing. */
export function successAnswer(operation: Operation): Answer | undefined {
  const responses = responsesOf(operation)
  const [lowest] = responses
    .map(({ status }) => status)
    .filter((status) => /^2\d\d$/.test(status))
    .sort()
  const chosen = named(responses, lowest, Number(lowest)) ?? named(responses, '2XX', 200) ?? named(responses, 'default', 200)
  return chosen && answerFor(operation, chosen.response, chosen.status)
}

/** What it says to one that does not: 422, else 400, else `4XX` or `default` as 400. Without an example its body is empty. */
export function invalidAnswer(operation: Operation): Answer | undefined {
  const responses = responsesOf(operation)
  const chosen =
    named(responses, '422', 422) ??
    named(responses, '400', 400) ??
    named(responses, '4XX', 400) ??
    named(responses, 'default', 400)
  return chosen && answerFor(operation, chosen.response, chosen.status)
}

function named(
  responses: readonly Response[],
  name: string | undefined,
  status: number,
): { readonly response: Response; readonly status: number } | undefined {
  const response = responses.find((one) => one.status.toUpperCase() === name?.toUpperCase())
  return response && { response, status }
}

function answerFor(operation: Operation, response: Response, status: number): Answer {
  const { description } = operation
  if (response.failure !== undefined) throw new ContractError(pointerIn(description, response.at), response.failure.message)
  const headers = response.headers.flatMap((header): [string, string][] => {
    const value = headerText(operation, header)
    return value === undefined || header.name.toLowerCase() === 'content-type' ? [] : [[header.name, value]]
  })
  const content = isBodyless(status) ? undefined : exampleContent(operation, response)
  if (content === undefined) return { status, headers, body: new Uint8Array() }
  return { status, headers: [['content-type', content.mediaType], ...headers], body: utf8(content.text) }
}

function isBodyless(status: number): boolean {
  return status === 204 || status === 205 || status === 304
}

function exampleContent(
  operation: Operation,
  response: Response,
): { readonly mediaType: string; readonly text: string } | undefined {
  const { description } = operation
  for (const content of jsonFirst(response.contents)) {
    const example = exampleOf(operation, content.at, content.schema)
    if (example === undefined) continue
    const mediaType = concrete(content, example.value)
    const text = textOf(mediaType, example.value)
    if (text === undefined) continue
    if (content.schema !== undefined && (isJsonMediaType(mediaType) || typeof example.value === 'string')) {
      const [error] = validatorOf(description, content.schema, 'response')(example.value)
      if (error !== undefined) {
        throw new ContractError(
          pointerIn(description, example),
          `Expected an example that fits its schema, to answer ${response.status} with, but ${error.pointer || 'it'} ${error.message}`,
        )
      }
    }
    return { mediaType, text }
  }
  return undefined
}

function concrete({ mediaType }: Content, value: unknown): string {
  if (!mediaType.includes('*')) return mediaType
  return mediaType.startsWith('text/') || typeof value === 'string' ? 'text/plain; charset=utf-8' : 'application/json'
}

/** `undefined`: such a value cannot be written in that media type. */
function textOf(mediaType: string, value: unknown): string | undefined {
  if (isJsonMediaType(mediaType)) return JSON.stringify(value)
  return typeof value === 'object' ? undefined : String(value)
}

function headerText(operation: Operation, { object, schema, name }: ResponseHeader): string | undefined {
  const example = object && exampleOf(operation, object, schema)
  if (example === undefined || typeof example.value === 'object') return undefined
  const text = String(example.value)
  const pointer = pointerIn(operation.description, example)
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || !/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(text)) {
    throw new ContractError(pointer, `Expected a header that HTTP can carry but the example of ${JSON.stringify(name)} is none`)
  }
  const [error] = schema === undefined ? [] : validatorOf(operation.description, schema, 'response')(example.value)
  if (error === undefined) return text
  throw new ContractError(pointer, `Expected an example that fits its schema, for the header ${name}, but it ${error.message}`)
}

/** `example`, the first of `examples`, or an example or default of the schema. */
function exampleOf({ description }: Operation, holder: Located, schema: Located | undefined): Located | undefined {
  const own = child(holder, 'example')
  if (own !== undefined) return own
  for (const { at } of members(child(holder, 'examples'))) {
    const example = description.resolve(at)
    const value = example.ok ? (child(example.value, 'dataValue') ?? child(example.value, 'value')) : undefined
    if (value !== undefined) return value
  }
  const target = schema && description.resolve(schema)
  // Only what the schema says of itself: what stands in one of its alternatives is not the whole value.
  for (const part of schema !== undefined && target?.ok ? [schema, target.value] : []) {
    const listed = child(part, 'examples')
    const value = child(part, 'example') ?? (listed === undefined ? undefined : items(listed)[0]) ?? child(part, 'default')
    if (value !== undefined) return value
  }
  return undefined
}
