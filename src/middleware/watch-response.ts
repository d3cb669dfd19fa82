import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { HeaderFields } from '../http/index.ts'
import { type Body, noBody } from './body.ts'
import { holdBack } from './hold-back.ts'
import type { Run } from './run.ts'
import type { ResponseSide } from './sides.ts'

/** Follows a response of Node to its end, on behalf of a run. Only what the run needs is watched. */
export function watchResponse(run: Run, response: ServerResponse, isHttp2: boolean, maxBytes: number): void {
  const { needs } = run.plan
  const kept = needs.responseBody ? new KeptContent(maxBytes) : undefined
  const head = needs.responseBody || needs.responseHeaders ? watchHead(response) : undefined
  const side: ResponseSide = {
    status: () => response.statusCode,
    headers: () => head?.fields(response) ?? fieldsOf(response.getHeaders()),
    body: () => kept?.body(head?.coding()) ?? noBody,
  }
  watchWrites(run, response, side, isHttp2, kept)
  let isFinished = false
  response.once('finish', () => {
    isFinished = true
    // What was in the buffer of a connection that broke is finished as well.
    if (response.errored || response.req?.socket?.destroyed === true) void run.aborted()
    else void run.sent(side)
  })
  response.once('close', () => {
    if (!isFinished) void run.aborted()
  })
}

interface Head {
  fields(response: ServerResponse): HeaderFields
  /** Of the bytes that pass through us: a compression that is mounted before us comes after us, and sets the field later. */
  coding(): string | undefined
}

type WriteHead = (status: number, ...rest: unknown[]) => ServerResponse

/** Fields given to `writeHead` alone are told by no method of the response. */
function watchHead(response: ServerResponse): Head {
  const writeHead = response.writeHead as WriteHead
  let given: HeaderFields = {}
  let coding: string | undefined
  response.writeHead = function (this: ServerResponse, status: number, ...rest: unknown[]) {
    const fields = rest.find((one) => typeof one === 'object' && one !== null)
    if (fields !== undefined) given = { ...given, ...fieldsGiven(fields) }
    const before = given['content-encoding'] ?? this.getHeader('content-encoding')
    coding = before === undefined ? undefined : String(before)
    return writeHead.call(this, status, ...rest)
  } as ServerResponse['writeHead']
  return {
    fields: () => ({ ...fieldsOf(response.getHeaders()), ...given }),
    coding: () => coding,
  }
}

function fieldsOf(headers: OutgoingHttpHeaders): HeaderFields {
  const fields: Record<string, string | readonly string[]> = {}
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (value !== undefined) fields[name] = typeof value === 'object' ? value : String(value)
  }
  return fields
}

/** An object, pairs, or names and values in turn. */
function fieldsGiven(given: object): HeaderFields {
  const fields: Record<string, string | readonly string[]> = {}
  const add = (name: unknown, value: unknown): void => {
    if (value !== undefined) fields[String(name).toLowerCase()] = Array.isArray(value) ? value.map(String) : String(value)
  }
  if (!Array.isArray(given)) for (const [name, value] of Object.entries(given)) add(name, value)
  else if (Array.isArray(given[0])) for (const [name, value] of given as unknown[][]) add(name, value)
  else for (let i = 0; i + 1 < given.length; i += 2) add(given[i], given[i + 1])
  return fields
}

type Write = (...args: unknown[]) => boolean
type End = (...args: unknown[]) => ServerResponse

function watchWrites(
  run: Run,
  response: ServerResponse,
  side: ResponseSide,
  isHttp2: boolean,
  kept: KeptContent | undefined,
): void {
  const write = response.write as Write
  const end = response.end as End
  let written = 0
  let hasEnded = false

  /** Begins to store, where that is to be done before the last byte, and lets go when it is done. */
  const ending = (release: () => void): Promise<void> | undefined => {
    hasEnded = true
    const stored = run.ending(side)
    if (stored === undefined) release()
    else void stored.then(release)
    return stored
  }

  response.write = function (this: ServerResponse, ...args: unknown[]) {
    kept?.add(args[0], args[1])
    written += lengthOf(args[0], args[1])
    // With all of the content the client has the whole response, whether we have ended it or not.
    const isLast =
      !hasEnded &&
      !isHttp2 &&
      run.holds &&
      written === Number(this.getHeader('content-length') ?? side.headers()['content-length'])
    const release = isLast ? holdBack(this) : noop
    const result = write.apply(this, args)
    if (isLast) ending(release)
    return result
  } as ServerResponse['write']

  response.end = function (this: ServerResponse, ...args: unknown[]) {
    if (hasEnded || this.writableEnded) return end.apply(this, args)
    if (typeof args[0] !== 'function') kept?.add(args[0], args[1])
    if (isHttp2) {
      // Many responses share its socket, so that it is the end itself that waits.
      const stored = ending(noop)
      if (stored === undefined) return end.apply(this, args)
      void stored.then(() => end.apply(this, args))
      return this
    }
    const release = run.holds ? holdBack(this) : noop
    try {
      return end.apply(this, args)
    } finally {
      ending(release)
    }
  } as ServerResponse['end']
}

function lengthOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string')
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
  return chunk instanceof Uint8Array ? chunk.length : 0
}

/** Content as it is written, up to a limit; above it, nothing is kept. */
class KeptContent {
  readonly #maxBytes: number
  #chunks: Uint8Array[] = []
  #length = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  add(chunk: unknown, encoding: unknown): void {
    if (this.#length > this.#maxBytes) return
    this.#length += lengthOf(chunk, encoding)
    if (this.#length > this.#maxBytes) this.#chunks = []
    else if (typeof chunk === 'string') {
      this.#chunks.push(Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'))
      // The writer may use its buffer again once it has been sent.
    } else if (chunk instanceof Uint8Array) this.#chunks.push(Uint8Array.prototype.slice.call(chunk))
  }

  body(coding: string | undefined): Body {
    if (this.#length > this.#maxBytes) return { kind: 'lost', reason: 'too-large' }
    return { kind: 'bytes', bytes: Buffer.concat(this.#chunks, this.#length), coding }
  }
}

function noop(): void {}
