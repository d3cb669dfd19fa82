import { readFileSync } from 'node:fs'
import { InvalidArgumentError } from 'commander'
import { formFields, type PartialExchange } from '../http/index.ts'

/** An exchange from a JSON file. */
export function readExchange(file: string): PartialExchange {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new InvalidArgumentError(`The file cannot be read: ${(error as Error).message}.`)
  }
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    throw new InvalidArgumentError(`The file is not JSON: ${(error as Error).message}.`)
  }
  if (!isRecord(value) || !isMessageOrAbsent(value.request) || !isMessageOrAbsent(value.response)) {
    throw new InvalidArgumentError('Expected an object with "request" and, once there is one, "response", each an object.')
  }
  return withQuery(value as PartialExchange)
}

/** The query may be left out: it stands in the URL. */
function withQuery(exchange: PartialExchange): PartialExchange {
  const { request } = exchange
  if (request === undefined || request.query !== undefined || typeof request.url !== 'string') return exchange
  const mark = request.url.indexOf('?')
  const query = formFields(mark === -1 ? '' : request.url.slice(mark + 1).replace(/#.*$/s, ''))
  return { ...exchange, request: { ...request, query } }
}

const recordMembers = ['headers', 'path', 'query']

function isMessageOrAbsent(value: unknown): boolean {
  if (value === undefined) return true
  return isRecord(value) && recordMembers.every((member) => value[member] === undefined || isRecord(value[member]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `--param name=value`, once more. */
export function addParameter(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const equals = text.indexOf('=')
  if (equals < 1) throw new InvalidArgumentError('Expected name=value.')
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) }
}
