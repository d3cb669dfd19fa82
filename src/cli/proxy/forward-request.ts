import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import { endToEnd, pairs } from './fields.ts'
import type { Upstream } from './upstream.ts'

type TellFailure = (error: Error) => void

/**
 * Passes a request on and its response back as they come: bytes, fields, trailers and interim responses are the same ones, and neither side
 * is read faster than the other one takes it. An upstream that fails before it has answered is a 502; one that fails later ends the
 * connection, so that nobody takes half of a response for the whole.
 */
export function forwardRequest(
  upstream: Upstream,
  request: IncomingMessage,
  response: ServerResponse,
  onFailure: TellFailure,
): void {
  response.sendDate = false
  send(upstream, request, response, onFailure, isRepeatable(request))
}

/** Without content and without effect: it may be sent once more, when a kept connection turns out to be closed. */
function isRepeatable(request: IncomingMessage): boolean {
  return !hasContent(request) && ['GET', 'HEAD', 'OPTIONS'].includes(request.method ?? '')
}

function hasContent({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0
}

function send(
  upstream: Upstream,
  request: IncomingMessage,
  response: ServerResponse,
  onFailure: TellFailure,
  mayRepeat: boolean,
): void {
  const headers = endToEnd(request.rawHeaders)
  if (request.headers['transfer-encoding'] !== undefined) headers.push('Transfer-Encoding', 'chunked')
  const outgoing = upstream.request({ method: request.method ?? 'GET', target: request.url ?? '/', headers })
  // A client that waits for it sends nothing before.
  outgoing.on('continue', () => response.writeContinue())
  outgoing.on('information', ({ statusCode, headers: hints }) => {
    const { link } = hints
    if (statusCode === 103 && link !== undefined)
      response.writeEarlyHints({ ...hints, link } as Record<string, string | string[]>)
    else if (statusCode === 102) response.writeProcessing()
  })
  outgoing.on('response', (incoming) => passBack(incoming, response))
  outgoing.on('error', (error: NodeJS.ErrnoException) => {
    if (response.destroyed) return
    if (mayRepeat && outgoing.reusedSocket && error.code === 'ECONNRESET' && !response.headersSent) {
      send(upstream, request, response, onFailure, false)
      return
    }
    onFailure(error)
    if (response.headersSent) response.destroy()
    else answerBadGateway(request, response)
  })
  response.once('close', () => {
    if (!response.writableFinished) outgoing.destroy()
  })
  passContent(request, outgoing)
}

function passContent(request: IncomingMessage, outgoing: ClientRequest): void {
  if (!hasContent(request)) {
    outgoing.end()
    return
  }
  request.pipe(outgoing, { end: false })
  request.once('end', () => {
    if (request.rawTrailers.length > 0) outgoing.addTrailers(pairs(request.rawTrailers))
    outgoing.end()
  })
  request.once('close', () => {
    if (!request.complete) outgoing.destroy()
  })
}

function passBack(incoming: IncomingMessage, response: ServerResponse): void {
  // Flat, as it came: Node writes such fields without changing them.
  response.writeHead(incoming.statusCode ?? 502, incoming.statusMessage ?? '', endToEnd(incoming.rawHeaders) as never)
  // The head may be there long before the content; when both came at once they go on at once.
  setImmediate(() => {
    if (!response.writableEnded && !response.destroyed) response.flushHeaders()
  })
  incoming.pipe(response, { end: false })
  incoming.once('end', () => {
    if (incoming.rawTrailers.length > 0) response.addTrailers(pairs(incoming.rawTrailers))
    response.end()
  })
  incoming.once('close', () => {
    if (!incoming.complete) response.destroy()
  })
}

/** RFC 9457. The client is not told where the upstream is. */
function answerBadGateway(request: IncomingMessage, response: ServerResponse): void {
  const problem = { type: 'about:blank', title: 'Bad Gateway', status: 502, detail: 'The server behind this one did not answer.' }
  const body = JSON.stringify(problem)
  // What the client still sends is read and thrown away, so that it can read the answer.
  request.unpipe()
  request.resume()
  response.writeHead(502, { 'Content-Type': 'application/problem+json', 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}
