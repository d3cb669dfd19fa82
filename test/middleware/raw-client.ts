import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A request as it goes over the wire. `Connection: close` unless told otherwise, so that the answer ends with the connection. */
export function rawRequest(method: string, target: string, options: RawOptions = {}): Buffer {
  const { headers = {}, body, keepAlive = false } = options
  const fields: Record<string, string> = {
    Host: '127.0.0.1',
    ...(keepAlive ? {} : { Connection: 'close' }),
    ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
    ...headers,
  }
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${head.join('')}\r\n`), Buffer.from(body ?? '')])
}

export interface RawOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly keepAlive?: boolean
}

export async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

/** Sends bytes, and gives all that comes back until the server closes. */
export async function talk(port: number, ...bytes: readonly Uint8Array[]): Promise<string> {
  const socket = await dial(port)
  for (const one of bytes) socket.write(one)
  return rest(socket)
}

export async function rest(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.resume()
  await once(socket, 'close')
  // Byte for byte, in a form that failures can be read in.
  return Buffer.concat(chunks).toString('latin1')
}

/** Without the one field that the time changes. */
export function undated(answer: string): string {
  return answer.replaceAll(/^date: .*\r\n/gim, '')
}

export function jsonPost(target: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Buffer {
  return rawRequest('POST', target, { headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) })
}

/** Status, fields and content of one answer, however they are framed. */
export function meaning(answer: string): {
  readonly status: string
  readonly fields: readonly string[]
  readonly content: string
} {
  const end = answer.indexOf('\r\n\r\n')
  const [status = '', ...lines] = answer.slice(0, end).split('\r\n')
  const fields = lines.map((line) => line.replace(/^[^:]*/, (name) => name.toLowerCase())).sort()
  const isChunked = fields.some((line) => /^transfer-encoding: *chunked/.test(line))
  const content = answer.slice(end + 4)
  return {
    status,
    fields: fields.filter((line) => !/^(?:date|connection|keep-alive|content-length|transfer-encoding):/.test(line)),
    content: isChunked ? unchunked(content) : content,
  }
}

function unchunked(content: string): string {
  let rest = content
  let whole = ''
  for (;;) {
    const line = rest.indexOf('\r\n')
    const size = Number.parseInt(rest.slice(0, line), 16)
    if (!(size > 0)) return whole
    whole += rest.slice(line + 2, line + 2 + size)
    rest = rest.slice(line + 2 + size + 2)
  }
}
