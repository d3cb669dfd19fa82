import type { Server, ServerResponse } from 'node:http'
import type { Http2ServerResponse, ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'

/** The socket of a response or, with HTTP/2, its stream. */
type Carrier = Duplex & Partial<Pick<ServerHttp2Stream, 'close' | 'session'>>
type Method = (this: Carrier, ...args: unknown[]) => unknown
interface Replaced {
  readonly of: object
  readonly name: string
  readonly by: unknown
  readonly own: PropertyDescriptor | undefined
}

const holds = new WeakMap<Duplex, Hold>()

/**
 * Keeps what is written to a response from going out, until the answer is called. The response itself goes on as ever: its head is made, it has
 * ended, its callbacks are called in their order, and the bytes are the same ones. A connection that is closed meanwhile is closed after it.
 */
export function holdBack(response: ServerResponse, isHttp2: boolean): () => void {
  let isOver = false
  let hold: Hold | undefined
  const begin = (carrier: Carrier): void => {
    if (isOver) return
    hold = holds.get(carrier) ?? new Hold(carrier)
    hold.count++
  }
  if (isHttp2) begin((response as unknown as Http2ServerResponse).stream)
  else if (response.socket !== null) begin(response.socket)
  // It waits behind the answer to an earlier request on the same connection.
  else response.once('socket', begin)
  return () => {
    isOver = true
    if (hold !== undefined && --hold.count === 0) hold.end()
    hold = undefined
  }
}

/**
 * Whether there is something to hold. Made-up responses of HTTP/1, as of `inject`, of serverless adapters and of mocks, have no socket, or what only
 * writes; `null` is one to come. Bun writes past it.
 */
export function canHold({ socket }: ServerResponse): boolean {
  return socket === null || (typeof socket?.read === 'function' && process.versions.bun === undefined)
}

/** With this code a session of HTTP/2 closes its streams when its connection is gone. */
const cancelled = 8

class Hold {
  count = 0
  readonly #carrier: Carrier
  readonly #replaced: Replaced[] = []
  readonly #waiting: [method: Method, args: unknown[]][] = []
  #isOver = false
  #leave: (() => void) | undefined

  constructor(carrier: Carrier) {
    this.#carrier = carrier
    holds.set(carrier, this)
    // All that a stream does is its own but these, and it calls the next of them when the one before is done.
    for (const name of ['_write', '_writev', '_final'] as const) {
      const method = carrier[name] as Method | null | undefined
      if (method) this.#replace(name, (...args: unknown[]) => void this.#waiting.push([method, args]))
    }
    this.#replace('destroy', (error?: Error) => this.#destroy(error))
    const { close } = carrier
    if (close === undefined) return
    this.#replace('close', (...args: unknown[]) => this.#close(close as Method, args))
    const handle = handleOf(carrier)
    if (handle !== undefined) this.#holdHead(handle)
  }

  /** Lets go. `isLast`: of a stream that is destroyed right after, and has its own error to tell. */
  end(isLast = false): void {
    const carrier = this.#carrier
    if (this.#isOver) return
    this.#isOver = true
    holds.delete(carrier)
    for (const { of, name, by, own } of this.#replaced.reverse()) {
      if (Object.getOwnPropertyDescriptor(of, name)?.value !== by) continue
      if (own === undefined) Reflect.deleteProperty(of, name)
      else Object.defineProperty(of, name, own)
    }
    // The client has reset the stream.
    if (carrier.closed) carrier.destroy()
    for (const [method, args] of carrier.destroyed ? [] : this.#waiting) {
      const done = args.at(-1)
      if (isLast && typeof done === 'function') args[args.length - 1] = (error?: Error | null) => error ?? done()
      method.apply(carrier, args)
    }
    this.#leave?.()
  }

  #replace(name: string, by: unknown, of: object = this.#carrier): void {
    this.#replaced.push({ of, name, by, own: Object.getOwnPropertyDescriptor(of, name) })
    Object.defineProperty(of, name, { value: by, configurable: true, writable: true })
  }

  #destroy(error: NodeJS.ErrnoException | undefined): Carrier {
    const carrier = this.#carrier
    const isStream = carrier.close !== undefined
    // Without us, what was not yet given to the wire would be lost.
    const isGone = this.#isOver || this.#waiting.length === 0 || carrier.closed || carrier.session?.destroyed === true
    if (isGone || (error && (isStream || isOfSystem(error)))) {
      this.end(true)
      return carrier.destroy(error)
    }
    const leave = (): void => void carrier.end(() => carrier.destroy(error))
    // Something before us has put off the end of the response.
    const isCut = (carrier as unknown as ServerSocket)._httpMessage?.writableEnded === false
    if (!carrier.writableEnded && (error || isCut)) {
      if (error) refuse(carrier, error)
      // Nothing comes after it.
      leave()
    } else if (!error) this.#leave ??= leave
    return carrier
  }

  #close(close: Method, args: unknown[]): void {
    const { closed } = this.#carrier
    const [code = 0] = args
    if (code === 0 && !closed && !this.#isOver) {
      this.#leave ??= () => close.apply(this.#carrier, args)
      return
    }
    if (code !== cancelled) this.end(true)
    close.apply(this.#carrier, args)
  }

  /** Whoever responds with what HTTP/2 cannot carry is told so by Node before. */
  #holdHead(handle: Handle): void {
    const { respond } = handle
    const later = (...args: unknown[]): void => {
      const answer = respond.apply(handle, args)
      if (answer < 0) this.#carrier.destroy(new Error(`The head of the response was refused: ${answer}.`))
    }
    const hold = (...args: unknown[]): number => {
      this.#waiting.push([later, args])
      return 0
    }
    this.#replace('respond', hold, handle)
  }
}

/** How Node tells that the client is gone. */
function isOfSystem({ code = '' }: NodeJS.ErrnoException): boolean {
  return /^E[A-Z0-9]+$|^ERR_(?:SSL|TLS)/.test(code)
}

const refusals: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** Answers bytes that are no request as Node does, which it does not while it sees the response to the request before them on its way. */
function refuse(carrier: Carrier, { code = '' }: NodeJS.ErrnoException): void {
  const { server, _httpMessage: message } = carrier as unknown as ServerSocket
  if (!/^HPE_|^ERR_HTTP_REQUEST_TIMEOUT$/.test(code) || message?.writableEnded !== true || message._last === true) return
  if (server?.listenerCount('clientError') !== 0) return
  carrier.write(`HTTP/1.1 ${refusals[code] ?? '400 Bad Request'}\r\nConnection: close\r\n\r\n`)
}

/** Of Node. `_last`: the connection is closed after it. */
interface ServerSocket {
  readonly server?: Server
  readonly _httpMessage?: (ServerResponse & { readonly _last?: boolean }) | null
}

interface Handle {
  respond(...args: unknown[]): number
}

/** Of Node: what writes to the wire. A runtime that has none sends the head of a response before its content. */
function handleOf(carrier: Carrier): Handle | undefined {
  const key = Object.getOwnPropertySymbols(carrier).find(({ description }) => description === 'kHandle')
  return key === undefined ? undefined : (carrier as unknown as Readonly<Record<symbol, Handle>>)[key]
}

/** With HTTP/2, the whole response is its head then. */
export function hasNoContent(status: number): boolean {
  return status === 204 || status === 205 || status === 304
}
