import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import type { HeaderFields } from '../http/index.ts'
import { atTurnEnd } from './at-turn-end.ts'
import { type Body, noBody } from './body.ts'
import { canHold, hasNoContent, holdBack } from './hold-back.ts'
import { replaceMethod } from './replace-method.ts'
import type { Run } from './run.ts'
import type { ResponseSide } from './sides.ts'

/** Follows a response of Node to its end, on behalf of a run. Only what the run needs is watched. */
export function watchResponse(run: Run, response: ServerResponse, isHttp2: boolean, maxBytes: number): void {
  const { responseBody, responseHeaders } = run.plan.needs
  const side = new NodeResponse(response, responseBody ? new KeptContent(maxBytes) : undefined)
  if (responseBody || responseHeaders) watchHead(response, side)
  if (responseBody || run.mayHold || !isHttp2) watchWrites(run, response, side, isHttp2)
  let isFinished = false
  // Now: the stream of the request loses it when somebody destroys that.
  const socket = isHttp2 ? undefined : response.req?.socket
  response.on('finish', () => {
    isFinished = true
    if (side.isOut || (isHttp2 ? isStreamOut(response) : isSocketOut(socket))) atTurnEnd(() => void run.sent(side))
    else void run.aborted()
  })
  response.on('close', () => {
    if (isFinished) return
    // Whoever has all of the content may close before the application says that it was all.
    if (side.isOut || (!isHttp2 && isHeadOut(response, socket))) void run.sent(side)
    else void run.aborted()
  })
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

class NodeResponse implements ResponseSide {
  readonly kept: KeptContent | undefined
  /** All of its content has gone out, whoever closes the connection now. */
  isOut = false
  readonly #response: ServerResponse
  /** Fields given to `writeHead` alone are told by no method of the response. */
  #given: HeaderFields | undefined
  /** Of the bytes that pass through us: a compression that is mounted before us comes after us, and sets the field later. */
  #coding: string | undefined

  constructor(response: ServerResponse, kept: KeptContent | undefined) {
    this.#response = response
    this.kept = kept
  }

  status(): number {
    return this.#response.statusCode
  }

  headers(): HeaderFields {
    return fieldsOf(this.#response.getHeaders(), this.#given)
  }

  body(): Body {
    return this.kept?.body(this.#coding) ?? noBody
  }

  head(given: object | undefined): void {
    if (given !== undefined) this.#given = fieldsGiven(given, this.#given)
    const coding = this.#given?.['content-encoding'] ?? this.#response.getHeader('content-encoding')
    this.#coding = coding === undefined ? undefined : String(coding)
  }
}

function watchHead(response: ServerResponse, side: NodeResponse): void {
  replaceMethod(
    response,
    'writeHead',
    (writeHead) =>
      function (...args) {
        side.head(args.find((one): one is object => typeof one === 'object' && one !== null))
        return writeHead.apply(this, args)
      },
  )
}

function fieldsOf(headers: OutgoingHttpHeaders, given: HeaderFields | undefined): HeaderFields {
  const fields: Record<string, string | readonly string[] | undefined> = {}
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (value !== undefined) fields[name] = typeof value === 'object' ? value : String(value)
  }
  // What Node has made of both is told by the response.
  return given === undefined ? fields : { ...given, ...fields }
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
  return { ...before, ...fields }
}

function watchWrites(run: Run, response: ServerResponse, side: NodeResponse, isHttp2: boolean): void {
  const { kept } = side
  const { mayHold } = run
  let written = 0
  let hasEnded = false
  /** It is ended later: there is nothing else that could be held. */
  let isWaiting = false
  const whole = (): void => {
    side.isOut = true
  }

  /** Calls what gives the client the last of the response, and holds it back while what is to be stored before is stored. */
  const last = <Result>(status: number, call: () => Result, chunk?: unknown, encoding?: unknown): Result => {
    hasEnded = true
    const release = run.holdsFor(status) ? holdBack(response, isHttp2) : noop
    let isGiven = false
    try {
      const result = call()
      isGiven = true
      return result
    } finally {
      // What has thrown has given nothing, and the application may answer otherwise; unless somebody around it throws after it.
      hasEnded = isGiven || (response.writableEnded && response.headersSent)
      if (hasEnded) kept?.add(chunk, encoding)
      const stored = hasEnded ? run.ending(side) : undefined
      if (stored === undefined) release()
      else void stored.then(release)
    }
  }

  replaceMethod(
    response,
    'write',
    (write) =>
      function (...args) {
        const [chunk, encoding] = args
        written += lengthOf(chunk, encoding)
        // With all of the content the client has the whole response, whether we have ended it or not.
        const isWhole = !hasEnded && !isHttp2 && written >= lengthSaid(response) && !isHeadOnly(response)
        const isLast = isWhole && mayHold && run.holdsFor(response.statusCode)
        // With HTTP/2 what is ended with is written.
        const isContent = !hasEnded && !isLast
        const given = isWhole ? calling(args, whole) : args
        const answer = isLast
          ? last(response.statusCode, () => write.apply(this, given), chunk, encoding)
          : write.apply(this, given)
        if (isContent) kept?.add(chunk, encoding)
        return answer
      },
  )

  if (kept === undefined && !mayHold) return
  replaceMethod(
    response,
    'end',
    (end) =>
      function (...args) {
        if (isWaiting) return response
        if (hasEnded || response.writableEnded) return end.apply(this, args)
        const [chunk, encoding] = args
        if (mayHold && !isHttp2 && !canHold(response) && mayEndWith(chunk) && run.holdsFor(response.statusCode)) {
          hasEnded = true
          kept?.add(chunk, encoding)
          const stored = run.ending(side)
          if (stored === undefined) return end.apply(this, args)
          isWaiting = true
          const show = seemEnded(response)
          void stored.then(() => {
            isWaiting = false
            show()
            try {
              end.apply(this, args)
            } catch (error) {
              response.destroy(error as Error)
            }
          })
          return response
        }
        return last(response.statusCode, () => end.apply(this, args), chunk, encoding)
      },
  )

  if (!mayHold) return
  if (!isHttp2) {
    if (typeof response.flushHeaders !== 'function') return
    replaceMethod(
      response,
      'flushHeaders',
      (flushHeaders) =>
        function (...args) {
          const isLast = !hasEnded && (isHeadOnly(response) || lengthSaid(response) === 0) && run.holdsFor(response.statusCode)
          return isLast ? last(response.statusCode, () => flushHeaders.apply(this, args)) : flushHeaders.apply(this, args)
        },
    )
    return
  }
  replaceMethod(
    response,
    'writeHead',
    (writeHead) =>
      function (...args) {
        const status = Number(args[0])
        const isLast = !hasEnded && hasNoContent(status)
        return isLast ? last(status, () => writeHead.apply(this, args)) : writeHead.apply(this, args)
      },
  )
}

/** `end` throws for other values. */
function mayEndWith(chunk: unknown): boolean {
  return chunk === undefined || chunk === null || ['string', 'function'].includes(typeof chunk) || chunk instanceof Uint8Array
}

/** To whoever asks before he answers once more. The answer ends it. */
function seemEnded(response: ServerResponse): () => void {
  const names = ['headersSent', 'writableEnded'] as const
  for (const name of names) Object.defineProperty(response, name, { value: true, configurable: true })
  return () => {
    for (const name of names) Reflect.deleteProperty(response, name)
  }
}

/** The same write, which tells also us that it was done. */
function calling(args: readonly unknown[], done: () => void): unknown[] {
  const own = args.find((one) => typeof one === 'function')
  const called = (error?: Error | null): void => {
    if (!error) done()
    own?.(error)
  }
  return [args[0], args[1] === own ? undefined : args[1], called]
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
    return { kind: 'bytes', bytes, coding }
  }
}

function noop(): void {}
