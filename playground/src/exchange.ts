import {
  type Exchange,
  type ExchangeRequest,
  type ExchangeResponse,
  formFields,
  type HeaderFields,
} from '../../src/http/index.ts'
import { err, ok, type Result } from '../../src/util/index.ts'
import type { ExchangeFields } from './state.ts'

/** What was typed, as an exchange. Path parameters come with the operation that matches. */
export interface TypedExchange {
  readonly exchange: Exchange
  /** What is wrong with a field, in one sentence. */
  readonly problems: Partial<Readonly<Record<keyof ExchangeFields, string>>>
}

/** The same for the same fields. A field that is wrong counts for what of it can be read. */
export function exchangeFrom(fields: ExchangeFields): TypedExchange {
  const problems: Partial<Record<keyof ExchangeFields, string>> = {}
  const requestHeaders = headersFrom(fields.requestHeaders)
  const responseHeaders = headersFrom(fields.responseHeaders)
  const method = fields.method.trim()
  const url = fields.url.trim().replace(/#.*$/s, '')
  const status = statusFrom(fields.status)
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(method)) problems.method = 'Expected a method such as POST.'
  if (!/^https?:\/\/[^/?#]/i.test(url) || !URL.canParse(url)) {
    problems.url = 'Expected an absolute URL such as https://api.example/orders?limit=3.'
  }
  if (requestHeaders.problem !== undefined) problems.requestHeaders = requestHeaders.problem
  if (responseHeaders.problem !== undefined) problems.responseHeaders = responseHeaders.problem
  if (!status.ok) problems.status = status.error
  const mark = url.indexOf('?')
  const request: ExchangeRequest = {
    method,
    url,
    headers: requestHeaders.fields,
    path: {},
    query: formFields(mark === -1 ? '' : url.slice(mark + 1)),
    ...bodyFrom(fields.requestBody),
  }
  const response: ExchangeResponse | undefined =
    status.ok && status.value !== undefined
      ? { status: status.value, headers: responseHeaders.fields, ...bodyFrom(fields.responseBody) }
      : undefined
  return { exchange: { id: 'playground', request, ...(response === undefined ? {} : { response }) }, problems }
}

/** Bodies stay text: evaluation reads them as their Content-Type says, as it would for a server that keeps them so. */
function bodyFrom(text: string): { readonly body?: string } {
  return text === '' ? {} : { body: text }
}

function statusFrom(text: string): Result<number | undefined, string> {
  const trimmed = text.trim()
  if (trimmed === '') return ok(undefined)
  return /^[1-5]\d\d$/.test(trimmed) ? ok(Number(trimmed)) : err('Expected a status code such as 201, or nothing.')
}

function headersFrom(text: string): { readonly fields: HeaderFields; readonly problem?: string } {
  // Without prototype: any name is data.
  const fields: Record<string, string | string[]> = Object.create(null)
  let problem: string | undefined
  for (const [i, line] of text.split(/\r\n|\r|\n/).entries()) {
    if (line.trim() === '') continue
    const [, name, value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)$/.exec(line.trim()) ?? []
    if (name === undefined) {
      problem ??= `Line ${i + 1}: expected "Name: value".`
      continue
    }
    const before = fields[name]
    fields[name] = before === undefined ? value.trim() : [before, value.trim()].flat()
  }
  return { fields, ...(problem === undefined ? {} : { problem }) }
}
