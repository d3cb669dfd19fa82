import type { IncomingMessage } from 'node:http'
import type { HeaderFields } from '../http/index.ts'
import { type Deferred, deferred } from '../util/index.ts'
import { type Body, noBody } from './body.ts'
import { type BodyHolder, parsedBody } from './parsed-body.ts'

/** The body of a request, kept while it passes by. */
export interface RequestCapture {
  body(): Body
  /** Resolves when it is complete, or will not become so unless somebody reads it. `undefined`: that is so already. */
  end(): Promise<void> | undefined
}

/**
 * Keeps what arrives without reading it: whoever reads the request reads it as before, and one that nobody reads is kept as far as Node takes
 * it from the wire.
 */
export function captureRequest(request: IncomingMessage, maxBytes: number, holder: BodyHolder): RequestCapture {
  if (!hasContent(request)) return empty
  if (request.readableDidRead || request.readableEnded) {
    return { body: () => parsedBody(holder, request.headers as HeaderFields, true), end: () => undefined }
  }
  const capture = new Capture(request, maxBytes, holder)
  // What waits in the stream already was pushed before we came, and is seen when it is read.
  capture.restore = request.readableLength > 0 ? watchReads(request, capture) : watchArrivals(request, capture)
  return capture
}

const empty: RequestCapture = { body: () => noBody, end: () => undefined }

class Capture implements RequestCapture {
  readonly #request: IncomingMessage
  readonly #maxBytes: number
  readonly #holder: BodyHolder
  readonly #declared: number
  readonly #chunks: Uint8Array[] = []
  #length = 0
  #state: 'open' | 'complete' | 'too-large' = 'open'
  #end: Deferred<void> | undefined
  /** Ends the watching. */
  restore: () => void = () => {}

  constructor(request: IncomingMessage, maxBytes: number, holder: BodyHolder) {
    this.#request = request
    this.#maxBytes = maxBytes
    this.#holder = holder
    this.#declared = Number(request.headers['content-length'])
  }

  keep(chunk: unknown, encoding: unknown): void {
    if (this.#state !== 'open') return
    if (chunk === null) {
      this.#settle('complete')
      return
    }
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding as BufferEncoding) : (chunk as Uint8Array)
    this.#length += bytes.length
    if (this.#length > this.#maxBytes) {
      this.#settle('too-large')
      return
    }
    this.#chunks.push(bytes)
    // Its end may be told only after a response that did not wait for it.
    if (this.#length === this.#declared) this.#settle('complete')
  }

  /** What was kept is in the stream now. */
  pushed(): void {
    if (this.#end !== undefined && this.#isStuck()) this.#end.resolve()
  }

  body(): Body {
    if (this.#state === 'too-large') return { kind: 'lost', reason: 'too-large' }
    if (this.#state === 'open') return parsedBody(this.#holder, this.#request.headers as HeaderFields, false)
    const chunks = this.#chunks
    const bytes = (): Uint8Array => (chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks))
    return { kind: 'bytes', bytes, coding: this.#request.headers['content-encoding'] }
  }

  end(): Promise<void> | undefined {
    if (this.#state !== 'open' || this.#request.destroyed || this.#isStuck()) return undefined
    if (this.#end === undefined) {
      this.#end = deferred()
      this.#request.once('close', this.#end.resolve)
    }
    return this.#end.promise
  }

  #isStuck(): boolean {
    const { readableLength, readableHighWaterMark, readableFlowing } = this.#request
    return readableLength >= readableHighWaterMark && readableFlowing !== true
  }

  #settle(now: 'complete' | 'too-large'): void {
    this.#state = now
    this.restore()
    if (now === 'too-large') this.#chunks.length = 0
    this.#end?.resolve()
  }
}

/** RFC 9112, 6.3: a request has content when it says so. HTTP/2 frames it without saying. */
function hasContent({ headers, httpVersionMajor }: IncomingMessage): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length === undefined ? httpVersionMajor >= 2 : Number(length) !== 0)
}

function watchArrivals(request: IncomingMessage, capture: Capture): () => void {
  const { push } = request
  const watched = function (this: IncomingMessage, chunk: unknown, encoding?: BufferEncoding): boolean {
    capture.keep(chunk, encoding)
    const wantsMore = push.call(this, chunk, encoding)
    capture.pushed()
    return wantsMore
  }
  request.push = watched
  return () => {
    // Somebody else may have wrapped it after us.
    if (request.push === watched) request.push = push
  }
}

function watchReads(request: IncomingMessage, capture: Capture): () => void {
  const { emit } = request
  const watched = function (this: IncomingMessage, name: string | symbol, ...values: unknown[]): boolean {
    if (name === 'data') capture.keep(values[0], request.readableEncoding)
    else if (name === 'end') capture.keep(null, undefined)
    return emit.call(this, name, ...values)
  }
  request.emit = watched
  return () => {
    if (request.emit === watched) request.emit = emit
  }
}
