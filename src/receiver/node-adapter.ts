import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from './answer.ts'
import type { Arrival, Content } from './arrival.ts'

export function arrivalOfMessage(message: IncomingMessage): Arrival {
  const headers: [string, string][] = []
  for (let i = 0; i + 1 < message.rawHeaders.length; i += 2) {
    const [name = '', value = ''] = message.rawHeaders.slice(i, i + 2)
    // HTTP/2 puts the request line among the fields.
    if (!name.startsWith(':')) headers.push([name, value])
  }
  const remoteAddress = message.socket.remoteAddress
  return {
    method: message.method ?? '',
    // Express and Connect cut off the path under which they mount something, and keep the whole one here.
    target: (message as { readonly originalUrl?: string }).originalUrl ?? message.url ?? '/',
    headers,
    body: contentOf(message),
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
  }
}

function contentOf(message: IncomingMessage): Content {
  const { 'content-length': length, 'transfer-encoding': coding } = message.headers
  // HTTP/2 frames a body without either field.
  if (message.httpVersionMajor < 2 && coding === undefined && (length === undefined || Number(length) === 0))
    return { kind: 'none' }
  if (message.readableDidRead) return { kind: 'consumed' }
  // Leaving early must not destroy the socket: the answer still has to go out.
  let chunks: AsyncIterator<Uint8Array> | undefined
  return {
    kind: 'stream',
    async pull() {
      chunks ??= message.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>
      const { done, value } = await chunks.next()
      return done === true ? undefined : value
    },
  }
}

/** What a sender may still send after its answer, before the connection is cut. */
const mostDiscarded = 1024 * 1024
const longestDiscardMs = 1000

export function writeAnswer(message: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { status, headers, body, close } = answer
  for (const [name, value] of headers) response.appendHeader(name, value)
  if (status !== 204 && status !== 304 && message.method !== 'HEAD') response.setHeader('content-length', body.length)
  if (close !== true) {
    response.writeHead(status).end(body)
    return
  }
  if (message.httpVersionMajor < 2) response.setHeader('connection', 'close')
  response.writeHead(status).write(body)
  discard(message, () => response.end())
}

// A connection that is cut while the sender still writes is reset, and the answer lost with it.
function discard(message: IncomingMessage, done: () => void): void {
  let left = mostDiscarded
  const timer = setTimeout(finish, longestDiscardMs)
  message.on('data', (chunk: Uint8Array) => {
    left -= chunk.length
    if (left < 0) finish()
  })
  for (const end of ['end', 'close', 'error'] as const) message.once(end, finish)
  if (message.readableEnded || message.destroyed) finish()
  else message.resume()

  function finish(): void {
    clearTimeout(timer)
    message.pause()
    done()
  }
}
