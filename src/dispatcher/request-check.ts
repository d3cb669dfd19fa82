import { type CallbackRequest, expectFields } from '../http/index.ts'

/** Throws a `TypeError` for what is no request at all. Whether one can be sent is for the attempt to say. */
export function checkRequest(request: CallbackRequest): void {
  expectRecord('a request', request)
  const { id, method, url, headers, body, metadata, constraint }: Partial<Record<keyof CallbackRequest, unknown>> = request
  expectText('the "id" of a request', id)
  expectText('the "method" of a request', method)
  expectText('the "url" of a request', url)
  expectRecord('the "headers" of a request', headers)
  expectFields(headers, 'the "headers" of a request')
  for (const name of Object.keys(headers)) {
    const value: unknown = (headers as Readonly<Record<string, unknown>>)[name]
    if (typeof value === 'string') continue
    for (const line of Array.isArray(value) ? value : value === undefined ? [] : [value]) {
      if (typeof line !== 'string') expectText(`the field ${JSON.stringify(name)} of a request`, line)
    }
  }
  if (body !== undefined && !(body instanceof Uint8Array)) throw unexpected('the "body" of a request', 'a Uint8Array', body)
  if (metadata !== undefined) expectRecord('the "metadata" of a request', metadata)
  if (constraint !== undefined) expectRecord('the "constraint" of a request', constraint)
}

export function expectText(what: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw unexpected(what, 'a text', value)
}

export function expectRecord(what: string, value: unknown): asserts value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unexpected(what, 'an object', value)
}

function unexpected(what: string, expected: string, value: unknown): TypeError {
  const found = value === null ? 'null' : Array.isArray(value) ? 'an array' : value === undefined ? 'nothing' : typeof value
  return new TypeError(`Expected ${what} to be ${expected}, found ${found}.`)
}
