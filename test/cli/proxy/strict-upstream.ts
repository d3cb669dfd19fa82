import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach } from 'vitest'

/** A request as a server reads it that knows one framing for each message, and no leniency. */
export interface Message {
  readonly method: string
  readonly target: string
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

export interface StrictUpstream {
  readonly port: number
  readonly messages: Message[]
  /** Bytes that are no message, or stand where none may begin. */
  readonly faults: string[]
}

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** Answers every message on a connection with its target. */
export async function strictUpstream(): Promise<StrictUpstream> {
  const messages: Message[] = []
  const faults: string[] = []
  const port = await rawUpstream((socket) => {
    let unread = ''
    socket.on('data', (bytes) => {
      unread += bytes.toString('latin1')
      for (;;) {
        const read = readMessage(unread)
        if (read === undefined) return
        if (typeof read === 'string') {
          faults.push(read)
          socket.destroy()
          return
        }
        unread = unread.slice(read.length)
        messages.push(read.message)
        const content = read.message.method === 'HEAD' ? '' : `for ${read.message.target}`
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${content.length}\r\n\r\n${content}`, 'latin1')
      }
    })
    socket.on('close', () => {
      if (unread !== '') faults.push(`rest: ${unread}`)
    })
  })
  return { port, messages, faults }
}

/** A server that does as it is told with each connection. */
export async function rawUpstream(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    serve(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}

/** `undefined`: more has to come. A text: what is wrong. */
function readMessage(bytes: string): { readonly message: Message; readonly length: number } | string | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [start = '', ...lines] = bytes.slice(0, end).split('\r\n')
  const [, method, target] = /^([!#-'*+\-.^_`|~\w]+) (\S+) HTTP\/1\.1$/.exec(start) ?? []
  if (method === undefined || target === undefined) return `start line: ${start}`
  const fields: [string, string][] = []
  for (const line of lines) {
    const [, name, value] = /^([!#-'*+\-.^_`|~\w]+): ?([^\n\r\0]*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) return `field: ${line}`
    fields.push([name, value])
  }
  const of = (wanted: string): string[] => fields.flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value] : []))
  const lengths = of('content-length')
  const codings = of('transfer-encoding')
  if (of('host').length !== 1) return `${of('host').length} Host fields: ${bytes}`
  if (lengths.length + codings.length > 1) return `several framings: ${bytes}`
  const read = (body: string, length: number) => ({ message: { method, target, fields, body }, length })
  const from = end + 4
  if (codings[0] !== undefined) {
    if (codings[0] !== 'chunked') return `coding: ${codings[0]}`
    return readChunks(bytes, from, read)
  }
  if (lengths[0] !== undefined && !/^(?:0|[1-9]\d*)$/.test(lengths[0])) return `length: ${lengths[0]}`
  const length = Number(lengths[0] ?? 0)
  return bytes.length < from + length ? undefined : read(bytes.slice(from, from + length), from + length)
}

function readChunks<R>(bytes: string, from: number, read: (body: string, length: number) => R): R | string | undefined {
  let body = ''
  for (let at = from; ; ) {
    const line = bytes.indexOf('\r\n', at)
    if (line < 0) return undefined
    const size = bytes.slice(at, line)
    if (!/^[\da-f]+$/i.test(size)) return `chunk: ${size}`
    const length = Number.parseInt(size, 16)
    if (length === 0) {
      const end = bytes.indexOf('\r\n\r\n', line)
      const hasTrailers = bytes.slice(line + 2, line + 4) !== '\r\n'
      if (!hasTrailers) return bytes.length < line + 4 ? undefined : read(body, line + 4)
      return end < 0 ? undefined : read(body, end + 4)
    }
    if (bytes.length < line + 2 + length + 2) return undefined
    body += bytes.slice(line + 2, line + 2 + length)
    at = line + 2 + length + 2
  }
}
