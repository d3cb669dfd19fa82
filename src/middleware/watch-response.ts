import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import type { HeaderFields } from '../http/index.ts'
import { type Body, bodyOf, noBody } from './body.ts'
import { canHold, hasNoContent, holdBack } from './hold-back.ts'
import { type Act, type Method, replaceMethod } from './replace-method.ts'
import type { Run } from './run.ts'
import type { ResponseSide } from './sides.ts'

/** Follows a response of Node to its end, on behalf of a run. Only what the run needs is watched. */
export function watchResponse(run: Run, response: ServerResponse, isHttp2: boolean, maxBytes: number): void {
  new WatchedResponse(run, response, isHttp2, maxBytes).begin()
}

// What replaces methods has no closure but one each, made where it is put in their place, and the state of all of them is in one object.
class WatchedResponse implements ResponseSide {
  readonly #run: Run
  readonly #response: ServerResponse
  readonly #isHttp2: boolean
  readonly #kept: KeptContent | undefined
  /** How much was written. */
  #written = 0
  #hasEnded = false
  /** It is ended later: there is nothing else that could be held. */
  #isWaiting = false
  /** All of its content has gone out, whoever closes the connection now. */
  #isOut = false
  #isFinished = false
  /** Fields given to `writeHead` alone are told by no method of the response. */
  #given: HeaderFields | undefined
  /** Of the bytes that pass through us: a compression that is mounted before us comes after us, and sets the field later. */
  #coding: string | undefined
  /** Now: the stream of the request loses it when somebody destroys that. */
  readonly #socket: Socket | undefined

  constructor(run: Run, response: ServerResponse, isHttp2: boolean, maxBytes: number) {
    this.#run = run
    this.#response = response
    this.#isHttp2 = isHttp2
    this.#kept = run.plan.needs.responseBody ? new KeptContent(maxBytes) : undefined
    this.#socket = isHttp2 ? undefined : response.req?.socket
  }

  begin(): void {
    const response = this.#response
    const run = this.#run
    const { plan, mayHold } = run
    const { responseBody, responseHeaders } = plan.needs
    const isHttp1 = !this.#isHttp2
    const replace = (name: 'write' | 'end' | 'writeHead' | 'flushHeaders', act: Act<WatchedResponse>): void => {
      replaceMethod(response, name, this, act)
    }
    if (responseBody || responseHeaders || (mayHold && !isHttp1)) replace('writeHead', WatchedResponse.#writeHead)
    if (responseBody || mayHold || isHttp1) replace('write', WatchedResponse.#write)
    if (responseBody || mayHold) replace('end', WatchedResponse.#end)
    if (mayHold && isHttp1 && typeof response.flushHeaders === 'function') replace('flushHeaders', WatchedResponse.#flushHeaders)
    response.on('finish', () => {
      this.#isFinished = true
      const isOut = this.#isOut || (isHttp1 ? isSocketOut(this.#socket) : isStreamOut(response))
      if (isOut) void run.sent(this)
      else void run.aborted()
    })
    response.on('close', () => {
      // Whoever has all of the content may close before the application says that it was all.
      if (this.#isFinished) return
      void (this.#isOut || (isHttp1 && isHeadOut(response, this.#socket)) ? run.sent(this) : run.aborted())
    })
  }

  status(): number {
    return this.#response.statusCode
  }

  headers(): HeaderFields {
    return fieldsOf(this.#response.getHeaders(), this.#given)
  }

  body(): Body {
    return this.#kept?.body(this.#coding) ?? noBody
  }

  /** Calls what gives the client the last of the response, and holds it back while what is to be stored before is stored. */
  #last(status: number, method: Method, self: unknown, args: unknown[], chunk?: unknown, encoding?: unknown): unknown {
    const run = this.#run
    const response = this.#response
    this.#hasEnded = true
    const release = run.holdsFor(status) ? holdBack(response, this.#isHttp2) : undefined
    let isGiven = false
    try {
      const answer = method.apply(self, args)
      isGiven = true
      return answer
    } finally {
      // What has thrown has given nothing, and the application may answer otherwise; unless somebody around it throws after it.
      this.#hasEnded = isGiven || (response.writableEnded && response.headersSent)
      if (this.#hasEnded) this.#kept?.add(chunk, encoding)
      const stored = this.#hasEnded ? run.ending(this) : undefined
      if (stored === undefined) release?.()
      else void stored.then(release)
    }
  }

  static readonly #writeHead: Act<WatchedResponse> = (watched, before, self, args) => {
    const run = watched.#run
    const { responseBody, responseHeaders } = run.plan.needs
    if (responseBody || responseHeaders) watched.#head(args.find((one) => typeof one === 'object' && one !== null))
    const status = Number(args[0])
    const isLast = watched.#isHttp2 && run.mayHold && !watched.#hasEnded && hasNoContent(status)
    return isLast ? watched.#last(status, before, self, args) : before.apply(self, args)
  }

  #head(given: unknown): void {
    if (given) this.#given = fieldsGiven(given, this.#given)
    const coding = this.#given?.['content-encoding'] ?? this.#response.getHeader('content-encoding')
    this.#coding = coding === undefined ? undefined : String(coding)
  }

  static readonly #write: Act<WatchedResponse> = (watched, before, self, args) => {
    const response = watched.#response
    const hasEnded = watched.#hasEnded
    const [chunk, encoding] = args
    watched.#written += lengthOf(chunk, encoding)
    // With all of the content the client has the whole response, whether we have ended it or not.
    const isWhole = !hasEnded && !watched.#isHttp2 && watched.#written >= lengthSaid(response) && !isHeadOnly(response)
    const given = isWhole ? watched.#telling(args) : args
    const { statusCode } = response
    if (isWhole && watched.#run.holdsFor(statusCode)) return watched.#last(statusCode, before, self, given, chunk, encoding)
    const answer = before.apply(self, given)
    // With HTTP/2 what is ended with is written.
    if (!hasEnded) watched.#kept?.add(chunk, encoding)
    return answer
  }

  /** For the same write, which tells also us that it was done. */
  #telling(args: readonly unknown[]): unknown[] {
    const own = args.find((one) => typeof one === 'function')
    const done = (error?: Error | null): void => {
      if (!error) this.#isOut = true
      own?.(error)
    }
    return [args[0], args[1] === own ? undefined : args[1], done]
  }

  static readonly #end: Act<WatchedResponse> = (watched, before, self, args) => {
    const response = watched.#response
    if (watched.#isWaiting) return response
    if (watched.#hasEnded || response.writableEnded) return before.apply(self, args)
    const [chunk, encoding] = args
    const { statusCode } = response
    if (watched.#isHttp2 || canHold(response) || !mayEndWith(chunk) || !watched.#run.holdsFor(statusCode)) {
      return watched.#last(statusCode, before, self, args, chunk, encoding)
    }
    watched.#hasEnded = true
    watched.#kept?.add(chunk, encoding)
    const stored = watched.#run.ending(watched)
    if (stored === undefined) return before.apply(self, args)
    watched.#isWaiting = true
    const show = seemEnded(response)
    void stored.then(() => {
      watched.#isWaiting = false
      show()
      try {
        before.apply(self, args)
      } catch (error) {
        response.destroy(error as Error)
      }
    })
    return response
  }

  static readonly #flushHeaders: Act<WatchedResponse> = (watched, before, self, args) => {
    const response = watched.#response
    const { statusCode } = response
    const isWhole = !watched.#hasEnded && (isHeadOnly(response) || lengthSaid(response) === 0)
    return isWhole && watched.#run.holdsFor(statusCode) ? watched.#last(statusCode, before, self, args) : before.apply(self, args)
  }
}

/** A stream that the client resets before its response is ended by Node. */
function isStreamOut(response: ServerResponse): boolean {
  const { stream } = response as unknown as Http2ServerResponse
  return stream.writableFinished && !stream.aborted
}

/** What was in the buffer of a connection that broke is finished as well. */
function isSocketOut(socket: Socket | undefined): boolean {
  return socket?.destroyed !== true && !socket?.errored
}

/** Of a response without content. */
function isHeadOut(response: ServerResponse, socket: Socket | undefined): boolean {
  const { _headerSent: isSent } = response as { readonly _headerSent?: boolean }
  return isSent === true && socket?.writableFinished === true && (isHeadOnly(response) || lengthSaid(response) === 0)
}

function fieldsOf(headers: OutgoingHttpHeaders, given: HeaderFields | undefined): HeaderFields {
  // What Node has made of both is told by the response.
  const fields: Record<string, string | readonly string[] | undefined> = { ...given }
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (value !== undefined) fields[name] = typeof value === 'object' ? value : String(value)
  }
  return fields
}

/** An object, pairs, or names and values in turn: a name that comes twice is two field lines. */
function fieldsGiven(given: object, before: HeaderFields | undefined): HeaderFields {
  const fields: Record<string, string | readonly string[]> = {}
  const add = (name: unknown, value: unknown): void => {
    if (value === undefined) return
    const key = String(name).toLowerCase()
    const lines = Array.isArray(value) ? value.map(String) : String(value)
    const known = fields[key]
    fields[key] = known === undefined ? lines : [known, lines].flat()
  }
  if (!Array.isArray(given)) for (const name of Object.keys(given)) add(name, (given as Readonly<Record<string, unknown>>)[name])
  else if (Array.isArray(given[0])) for (const [name, value] of given as unknown[][]) add(name, value)
  else for (let i = 0; i + 1 < given.length; i += 2) add(given[i], given[i + 1])
  return before === undefined ? fields : { ...before, ...fields }
}

/** `end` throws for other values. */
function mayEndWith(chunk: unknown): boolean {
  return chunk === undefined || chunk === null || ['string', 'function'].includes(typeof chunk) || chunk instanceof Uint8Array
}

/** To whoever asks before he answers once more, or destroys the connection of what he has answered. The answer ends it. */
function seemEnded(response: ServerResponse): () => void {
  const names = ['headersSent', 'writableEnded'] as const
  for (const name of names) Object.defineProperty(response, name, { value: true, configurable: true })
  const { socket } = response
  const destroy = socket?.destroy
  if (socket && destroy) {
    // Bun destroys one whose client is gone, and has no address of it then.
    socket.destroy = (error) => {
      if (socket.remoteAddress === undefined) return destroy.call(socket, error)
      response.once('finish', () => destroy.call(socket, error))
      return socket
    }
  }
  return () => {
    for (const name of names) Reflect.deleteProperty(response, name)
    if (socket && destroy) socket.destroy = destroy
  }
}

/** Of a response of HTTP/1, whatever is written to it. */
function isHeadOnly({ statusCode, req }: ServerResponse): boolean {
  return statusCode === 204 || statusCode === 304 || req?.method === 'HEAD'
}

/** What a response of HTTP/1 says of its content. `NaN`: nothing, so that its end is told by another sign. */
function lengthSaid(response: ServerResponse): number {
  // What was given to `writeHead` is told by no method.
  const { _contentLength: length } = response as { readonly _contentLength?: number | null }
  return response.chunkedEncoding ? Number.NaN : Number(length ?? response.getHeader('content-length') ?? Number.NaN)
}

function lengthOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string')
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
  return chunk instanceof Uint8Array ? chunk.length : 0
}

/** Content as it is written, up to a limit; above it, nothing is kept. */
class KeptContent {
  readonly #maxBytes: number
  #chunks: (Uint8Array | string)[] = []
  #length = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  add(chunk: unknown, encoding: unknown): void {
    if (this.#length > this.#maxBytes) return
    this.#length += lengthOf(chunk, encoding)
    if (this.#length > this.#maxBytes) this.#chunks = []
    else if (typeof chunk === 'string') {
      const isUtf8 = typeof encoding !== 'string' || encoding === 'utf8'
      this.#chunks.push(isUtf8 ? chunk : Buffer.from(chunk, encoding as BufferEncoding))
      // The writer may use its buffer again once it has been sent.
    } else if (chunk instanceof Uint8Array) this.#chunks.push(Buffer.from(chunk))
  }

  body(coding: string | undefined): Body {
    if (this.#length > this.#maxBytes) return { kind: 'lost', reason: 'too-large' }
    const bytes = (): Uint8Array => Buffer.concat(this.#chunks.map((one) => (typeof one === 'string' ? Buffer.from(one) : one)))
    const [first] = this.#chunks
    return bodyOf(bytes, coding, this.#chunks.length === 1 && typeof first === 'string' ? first : undefined)
  }
}
