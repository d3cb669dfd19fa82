import { type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { hasContent, lines, pairs } from './fields.ts'
import type { Upgrade } from './forward-request.ts'

/**
 * The protocols that a request asks for and that are passed on. None where it can be answered in HTTP as well as not: a request with content
 * would have to be read first, and another version of HTTP would be about this connection alone (RFC 9110, 7.8).
 */
export function wantedProtocols(request: IncomingMessage): string {
  if (hasContent(request) || request.httpVersionMinor === 0) return ''
  const protocols = (request.headers.upgrade ?? '').split(',').map((one) => one.trim())
  return protocols.filter((one) => one !== '' && !/^(?:h2c?|h3|http|tls)(?:\/|$)/i.test(one)).join(', ')
}

/** Lets the server read a request once more, as one that has not asked for another protocol. */
export function readAsOrdinary(server: Server, request: IncomingMessage, client: Socket, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request
  const fields = pairs(rawHeaders).flatMap(([name, value]) => {
    if (name.toLowerCase() === 'upgrade') return []
    if (name.toLowerCase() !== 'connection') return [name, value]
    return [name, value.replaceAll(/(?<=^|,)\s*upgrade\s*(?=,|$)/gi, '')]
  })
  // As latin1, byte for byte, as Node has read it.
  const bytes = Buffer.from(`${method} ${url} HTTP/${httpVersion}\r\n${lines(fields)}\r\n`, 'latin1')
  client.unshift(Buffer.concat([bytes, head]))
  server.emit('connection', client)
}

/** The response to a request that Node has taken off its connection. It is the last one there. */
export function lastResponse(request: IncomingMessage, client: Socket): ServerResponse {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(client)
  client.on('drain', () => response.emit('drain'))
  response.once('finish', () => client.destroySoon())
  return response
}

/** Bytes both ways, once the server has agreed: WebSockets and the like. */
export function upgradeTo(protocols: string, response: ServerResponse, client: Socket, head: Buffer): Upgrade {
  // Before that nothing goes to the server, but a client that leaves is seen to do so.
  const early = new PassThrough()
  let isOpen = false
  early.write(head)
  client.pipe(early)
  client.once('end', () => {
    if (!isOpen) client.destroy()
  })
  return {
    protocols,
    accept({ statusMessage, rawHeaders }, server, first) {
      isOpen = true
      response.detachSocket(client)
      client.write(`HTTP/1.1 101 ${statusMessage}\r\n${lines(rawHeaders)}\r\n`, 'latin1')
      client.write(first)
      server.pipe(client)
      early.pipe(server)
      client.on('close', () => server.destroySoon())
      server.on('close', () => client.destroySoon())
    },
  }
}
