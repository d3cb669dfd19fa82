import type { IncomingMessage, ServerResponse } from 'node:http'

/** Why a request is not passed on. */
export interface Refusal {
  readonly status: 400 | 501 | 502
  readonly title: string
  readonly detail: string
}

/** RFC 9112: 3.2 (one Host), 3.2.2 to 3.2.4 (forms of the target), 6.1 (transfer codings that we do not undo). */
export function refusalOf({ url = '/', headers, rawHeaders }: IncomingMessage): Refusal | undefined {
  const badRequest = { status: 400, title: 'Bad Request' } as const
  if (!(url.startsWith('/') || url === '*')) return { ...badRequest, detail: 'Expected a target that is a path or an http URL.' }
  const hosts = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host')
  if (hosts.length > 1) return { ...badRequest, detail: 'Expected one Host field.' }
  if (isChunkedAtMost(headers['transfer-encoding'])) return undefined
  return { status: 501, title: 'Not Implemented', detail: 'Expected no transfer coding but "chunked".' }
}

/** Other codings would have to be undone, or be told to the next one, which Node cannot. */
export function isChunkedAtMost(coding: string | undefined): boolean {
  return coding === undefined || /^\s*(?:chunked|identity)\s*$/i.test(coding)
}

/** The client is not told where the upstream is. */
export const badGateway: Refusal = {
  status: 502,
  title: 'Bad Gateway',
  detail: 'The server behind this one did not answer.',
}

/** RFC 9457. */
export function refuse(request: IncomingMessage, response: ServerResponse, { status, title, detail }: Refusal): void {
  const body = JSON.stringify({ type: 'about:blank', title, status, detail })
  // What the client still sends is read and thrown away, so that it can read the answer.
  request.unpipe()
  request.resume()
  response.writeHead(status, title, {
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
  })
  response.end(body)
}

/**
 * Makes a target that names its server as well (`GET http://api.example.com/a`) a path. The name is the one that counts, whatever the Host
 * field says (RFC 9112, 3.2.2).
 */
export function toOriginForm(request: IncomingMessage): void {
  const [prefix, authority] = /^https?:\/\/([^/?#]*)/i.exec(request.url ?? '') ?? []
  if (prefix === undefined || authority === undefined) return
  const rest = (request.url ?? '').slice(prefix.length)
  request.url = rest.startsWith('/') ? rest : rest === '' && request.method === 'OPTIONS' ? '*' : `/${rest}`
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  if (host === '') return
  request.headers.host = host
  const at = request.rawHeaders.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'host')
  if (at >= 0) request.rawHeaders[at + 1] = host
  else request.rawHeaders.push('Host', host)
}
