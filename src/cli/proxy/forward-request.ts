import type { ClientRequest, IncomingMessage, InformationEvent, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { onClientEnd } from './client-end.ts'
import { endToEnd, hasContent, lines, requestFields, responseFields, trailerFields } from './fields.ts'
import { badGateway, isChunkedAtMost, refuse } from './refuse.ts'
import type { Upstream } from './upstream.ts'

export interface Forwarding {
  readonly upstream: Upstream
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Is told why there is no answer. */
  readonly onFailure: (error: Error) => void
  /** For a request that asks for another protocol. */
  readonly upgrade?: Upgrade
}

export interface Upgrade {
  readonly protocols: string
  /** The server has agreed. */
  accept(incoming: IncomingMessage, server: Socket, head: Buffer): void
}

/**
 * Passes a request on and its response back as they come: bytes, fields, trailers and interim responses are the same ones, and neither side
 * is read faster than the other one takes it. An upstream that fails before it has answered is a 502; one that fails later ends the
 * connection, so that nobody takes half of a response for the whole.
 */
export function forwardRequest(forwarding: Forwarding): void {
  forwarding.response.sendDate = false
  send(forwarding, isRepeatable(forwarding))
}

/** Without content and without effect: it may be sent once more, when a kept connection turns out to be closed. */
function isRepeatable({ request }: Forwarding): boolean {
  return !hasContent(request) && ['GET', 'HEAD', 'OPTIONS'].includes(request.method ?? '')
}

function send(forwarding: Forwarding, mayRepeat: boolean): void {
  const { upstream, request, response, onFailure, upgrade } = forwarding
  let outgoing: ClientRequest | undefined
  let answer: IncomingMessage | undefined
  let isOver = false
  let isHalfClosed = false

  const fail = (error: NodeJS.ErrnoException): void => {
    // A complete answer is one, whatever comes after it.
    if (isOver || answer?.complete === true) return
    isOver = true
    outgoing?.destroy()
    if (response.destroyed) return
    // The server behind has taken the client for gone.
    if (isHalfClosed) response.destroy()
    else if (mayRepeat && outgoing?.reusedSocket === true && error.code === 'ECONNRESET' && !response.headersSent) {
      send(forwarding, false)
    } else {
      onFailure(error)
      if (response.headersSent) response.destroy()
      else refuse(request, response, badGateway)
    }
  }
  // What an upstream answers, Node may refuse to write. Nothing of it may end the process.
  const guarded =
    <A extends readonly unknown[]>(listener: (...args: A) => void) =>
    (...args: A): void => {
      try {
        listener(...args)
      } catch (error) {
        answer = undefined
        fail(error as Error)
      }
    }
  const endConnection = (): void => {
    // After its answer it may be another request's.
    if (answer?.complete === true) return
    isHalfClosed = true
    outgoing?.socket?.end()
  }
  const open = guarded(() => {
    const headers = requestFields(request)
    if (request.headers.host === undefined) headers.push('Host', upstream.authority)
    if (upgrade !== undefined) headers.push('Connection', 'Upgrade', 'Upgrade', upgrade.protocols)
    outgoing = upstream.request({ method: request.method ?? 'GET', target: request.url ?? '/', headers })
    outgoing.on('error', guarded(fail))
    outgoing.on(
      'close',
      guarded(() => answer === undefined && fail(new Error('the connection was closed'))),
    )
    outgoing.on(
      'continue',
      // A client that waits for it sends nothing before.
      guarded(() => isHttp11(request) && !response.headersSent && response.writeContinue()),
    )
    outgoing.on(
      'information',
      guarded((interim) => passInterim(interim, request, response)),
    )
    outgoing.on(
      'response',
      guarded((incoming) => {
        answer = incoming
        passBack(incoming, request, response)
      }),
    )
    outgoing.on(
      'upgrade',
      guarded((incoming, server, head) => {
        server.on('error', () => server.destroy())
        if (upgrade === undefined || isOver || response.destroyed) {
          server.destroy()
          throw new Error('it has changed the protocol, which nobody asked for')
        }
        isOver = true
        upgrade.accept(incoming, server as Socket, head)
      }),
    )
    passContent(request, outgoing, guarded)
    // Whether that ends the exchange is for the server behind to say.
    onClientEnd(request.socket, response, () => {
      if (outgoing?.writableFinished === true) endConnection()
      else outgoing?.once('finish', endConnection)
    })
    response.once('close', () => {
      if (!response.writableFinished) outgoing?.destroy()
    })
  })
  open()
}

function isHttp11({ httpVersionMajor, httpVersionMinor }: IncomingMessage): boolean {
  return httpVersionMajor === 1 && httpVersionMinor >= 1
}

type Guard = <A extends readonly unknown[]>(listener: (...args: A) => void) => (...args: A) => void

function passContent(request: IncomingMessage, outgoing: ClientRequest, guarded: Guard): void {
  if (!hasContent(request)) {
    outgoing.end()
    return
  }
  request.pipe(outgoing, { end: false })
  request.once(
    'end',
    guarded(() => {
      if (request.rawTrailers.length > 0) outgoing.addTrailers(trailerFields(request.rawTrailers))
      outgoing.end()
    }),
  )
  request.once('close', () => {
    if (!request.complete) outgoing.destroy()
  })
}

/** RFC 9110, 15.2: to all who can know it. `writeEarlyHints` of Node refuses a part of what servers send. */
function passInterim(interim: InformationEvent, request: IncomingMessage, response: ServerResponse): void {
  const { statusCode, statusMessage, rawHeaders } = interim
  // One that waits for its turn on the connection is no hint any more.
  if (statusCode === 100 || statusCode === 101 || !isHttp11(request) || response.headersSent || response.socket === null) return
  const fields = endToEnd(rawHeaders as unknown as string[])
  response.socket.write(`HTTP/1.1 ${statusCode} ${printableReason(statusMessage)}\r\n${lines(fields)}\r\n`, 'latin1')
}

function passBack(incoming: IncomingMessage, request: IncomingMessage, response: ServerResponse): void {
  const { statusCode = 502, headers, rawHeaders } = incoming
  const coding = headers['transfer-encoding']
  if (!isChunkedAtMost(coding)) throw new Error(`it has used the transfer coding ${JSON.stringify(coding)}`)
  if (statusCode < 200) throw new Error(`it has answered ${statusCode} at the end`)
  const isEmpty = request.method === 'HEAD' || statusCode === 204 || statusCode === 304
  const fields = responseFields(rawHeaders, coding !== undefined && !isEmpty && response.useChunkedEncodingByDefault)
  // What it did not send because it was told not to must not be taken for a part of the next request, nor the next request for it.
  if (request.headers.expect !== undefined && !request.complete) response.shouldKeepAlive = false
  // Flat, as it came: Node writes such fields without changing them.
  response.writeHead(statusCode, printableReason(incoming.statusMessage), fields as never)
  // The head may be there long before the content; when both came at once they go on at once.
  setImmediate(() => {
    if (!response.writableEnded && !response.destroyed) response.flushHeaders()
  })
  incoming.pipe(response, { end: false })
  incoming.once('end', () => {
    try {
      if (incoming.rawTrailers.length > 0) response.addTrailers(trailerFields(incoming.rawTrailers))
      response.end()
    } catch {
      response.destroy()
    }
  })
  incoming.once('close', () => {
    if (!incoming.complete) response.destroy()
  })
}

/** Says nothing to programs (RFC 9112, 4). */
function printableReason(reason = ''): string {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(reason) ? reason : ''
}
