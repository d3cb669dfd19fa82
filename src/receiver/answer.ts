import { utf8 } from '../util/index.ts'
import type { Reply } from './call.ts'
import { milliseconds } from './duration.ts'

/** What goes back to a sender: a response with fixed bytes. */
export interface Answer {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array
  /** How long it is held back. */
  readonly delayMs?: number
  /** True when the rest of the request is not wanted: the connection ends with this answer. */
  readonly close?: true
}

export function emptyAnswer(status: number, headers: Answer['headers'] = []): Answer {
  return { status, headers, body: new Uint8Array() }
}

export function jsonAnswer(
  status: number,
  value: unknown,
  headers: Answer['headers'] = [],
  mediaType = 'application/json',
): Answer {
  return { status, headers: [['content-type', mediaType], ...headers], body: utf8(JSON.stringify(value)) }
}

/** A refusal in the words of RFC 9457. */
export function problemAnswer(
  status: number,
  title: string,
  more: Readonly<Record<string, unknown>> = {},
  headers: Answer['headers'] = [],
): Answer {
  return jsonAnswer(status, { title, status, ...more }, headers, 'application/problem+json')
}

/** Throws `TypeError` for a reply that HTTP cannot carry, while its author is still there to be told. */
export function checkReply(reply: Reply): void {
  if (typeof reply !== 'object' || reply === null)
    throw new TypeError(
      `Expected a reply to be a Response or an object with a status but found ${reply === null ? 'null' : typeof reply}`,
    )
  const { status } = reply
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new TypeError(`Expected the status of a reply to be from 200 to 599 but found ${String(status)}`)
  }
  if (reply instanceof Response) {
    if (reply.bodyUsed) throw new TypeError('Expected a Response whose body nobody has read but found one that was read')
    return
  }
  const { headers, json, body, delay } = reply
  if (json !== undefined && body !== undefined) throw new TypeError('Expected a reply with json or body but found both')
  new Headers(headers as ConstructorParameters<typeof Headers>[0])
  if (delay !== undefined) milliseconds(delay, 'the delay of a reply')
}

/** The answer that a reply stands for. Rejects as `checkReply` throws. */
export async function answerOf(reply: Reply): Promise<Answer> {
  checkReply(reply)
  if (reply instanceof Response) {
    // It can be read once, and may be wanted again.
    return { status: reply.status, headers: [...reply.headers], body: new Uint8Array(await reply.clone().arrayBuffer()) }
  }
  const { status, headers, json, body, delay } = reply
  const fields = new Headers(headers as ConstructorParameters<typeof Headers>[0])
  if (json !== undefined && !fields.has('content-type')) fields.set('content-type', 'application/json')
  if (typeof body === 'string' && !fields.has('content-type')) fields.set('content-type', 'text/plain; charset=utf-8')
  const bytes =
    json !== undefined ? utf8(JSON.stringify(json)) : typeof body === 'string' ? utf8(body) : (body ?? new Uint8Array())
  const answer: Answer = { status, headers: [...fields], body: bytes }
  return delay === undefined ? answer : { ...answer, delayMs: milliseconds(delay, 'the delay of a reply') }
}

/** Never cached, never sniffed, never a referrer; no CORS. These win over what a reply says. */
const always: Answer['headers'] = [
  ['cache-control', 'no-store'],
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
]

// The transport frames the body: a length from the outside would break the connection.
const framing = new Set(['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'trailer', 'upgrade', 'date'])

/** The answer as it goes out: with the fields that are always there, and without a body where HTTP has none. */
export function finished(answer: Answer, method: string): Answer {
  const own = answer.headers.filter(([name]) => {
    const folded = name.toLowerCase()
    return !framing.has(folded) && !always.some(([other]) => other === folded)
  })
  const bodyless = method === 'HEAD' || answer.status === 204 || answer.status === 304
  return { ...answer, headers: [...own, ...always], body: bodyless ? new Uint8Array() : answer.body }
}

/** The stored form of an answer: what a replay sends. */
export function encodeAnswer({ status, headers, body }: Answer): Uint8Array {
  return utf8(JSON.stringify({ status, headers, body: Buffer.from(body).toString('base64') }))
}

export function decodeAnswer(bytes: Uint8Array): Answer {
  const { status, headers, body } = JSON.parse(Buffer.from(bytes).toString('utf8')) as {
    status: number
    headers: [string, string][]
    body: string
  }
  return { status, headers, body: new Uint8Array(Buffer.from(body, 'base64')) }
}
