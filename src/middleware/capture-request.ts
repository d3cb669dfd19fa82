import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HeaderFields } from '../http/index.ts'
import { type Deferred, deferred } from '../util/index.ts'
import { type Body, bodyOf, noBody } from './body.ts'
import { type BodyHolder, parsedBody } from './parsed-body.ts'
import { type Act, replaceMethod } from './replace-method.ts'

/** The body of a request, kept while it passes by. */
export interface RequestCapture {
  body(): Body
  /**
   * Resolves when it is complete, or will not become so unless somebody reads it. `undefined`: that is so already. `isAnswered`: who has not
   * begun to read it is not going to, while the response waits.
   */
  end(isAnswered: boolean): Promise<void> | undefined
}

/**
 * Keeps what arrives without reading it: whoever reads the request reads it as before, and one that nobody reads is kept as far as Node takes
 * it from the wire.
 */
export function captureRequest(
  request: IncomingMessage,
  response: ServerResponse,
  maxBytes: number,
  holder: BodyHolder,
): RequestCapture {
  if (!hasContent(request)) return empty
  if (request.readableDidRead || request.readableEnded) {
    return { body: () => parsedBody(holder, request.headers as HeaderFields, true), end: () => undefined }
  }
  const capture = new Capture(request, response, maxBytes, holder)
  const waiting = waitingIn(request)
  if (waiting === undefined) {
    capture.needsReader = true
    replaceMethod(request, 'emit', capture, onEmit)
  } else {
    replaceMethod(request, 'push', capture, onPush)
    for (const chunk of waiting) capture.keep(chunk, undefined)
    if (request.complete && request.httpVersionMajor === 1) capture.keep(null, undefined)
  }
  return capture
}

const empty: RequestCapture = { body: () => noBody, end: () => undefined }

class Capture implements RequestCapture {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #maxBytes: number
  readonly #holder: BodyHolder
  readonly #declared: number
  readonly #chunks: Uint8Array[] = []
  #length = 0
  #state: 'open' | 'complete' | 'too-large' = 'open'
  #end: Deferred<void> | undefined
  /** It is seen when somebody reads it, and not before. */
  needsReader = false

  constructor(request: IncomingMessage, response: ServerResponse, maxBytes: number, holder: BodyHolder) {
    this.#request = request
    this.#response = response
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
    if (this.#state === 'open') {
      // Asked once: some read for it. Adapters for serverless platforms have it at the request.
      const { body = (this.#request as BodyHolder).body } = this.#holder
      return parsedBody({ body }, this.#request.headers as HeaderFields, false)
    }
    const chunks = this.#chunks
    const bytes = (): Uint8Array => (chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks))
    return bodyOf(bytes, this.#request.headers['content-encoding'])
  }

  end(isAnswered: boolean): Promise<void> | undefined {
    if (this.#state !== 'open' || this.#request.destroyed || this.#isStuck()) return undefined
    if ((isAnswered && this.#isUnwanted()) || this.#isMadeUp(isAnswered)) return undefined
    if (this.#end === undefined) {
      const end = deferred<void>()
      this.#end = end
      const { socket, httpVersionMajor } = this.#request
      // Of a request that was answered, Node does not tell that its connection was closed before the rest of it came.
      const carrier = httpVersionMajor === 1 && socket ? socket : undefined
      if (carrier?.destroyed === true) return undefined
      this.#request.once('close', end.resolve)
      carrier?.once('close', end.resolve)
      void end.promise.then(() => carrier?.removeListener('close', end.resolve))
    }
    return this.#end.promise
  }

  #isStuck(): boolean {
    const { readableLength, readableHighWaterMark, readableFlowing } = this.#request
    return readableLength >= readableHighWaterMark && readableFlowing !== true
  }

  /** One that no parser of Node feeds, as of `inject`, serverless adapters and mocks: its content comes to who reads it, or not at all. */
  #isMadeUp(isAnswered: boolean): boolean {
    const { complete, httpVersionMajor, readableFlowing, socket } = this.#request
    const isRead = typeof readableFlowing === 'boolean' || this.#request.listenerCount('readable') > 0
    if (isRead || this.needsReader || Number(httpVersionMajor) >= 2) return false
    return complete || (isAnswered && !(socket as { readonly parser?: unknown } | null)?.parser)
  }

  /** HTTP/2 gives nothing to a request that nobody reads, and a client that waits for `100 Continue` sends nothing without it. */
  #isUnwanted(): boolean {
    const { headers, httpVersionMajor, readableFlowing } = this.#request
    if (readableFlowing === true || this.#request.listenerCount('readable') > 0) return false
    const { _sent100: isContinued } = this.#response as { readonly _sent100?: boolean }
    return (
      this.needsReader || httpVersionMajor >= 2 || (headers.expect?.toLowerCase() === '100-continue' && isContinued === false)
    )
  }

  #settle(now: 'complete' | 'too-large'): void {
    this.#state = now
    if (now === 'too-large') this.#chunks.length = 0
    this.#end?.resolve()
  }
}

/** RFC 9112, 6.3: a request has content when it says so. HTTP/2 frames it without saying, and ends one without content with its head. */
function hasContent(request: IncomingMessage): boolean {
  const { headers, httpVersionMajor } = request
  const length = headers['content-length']
  if (length !== undefined && Number(length) === 0) return headers['transfer-encoding'] !== undefined
  if (httpVersionMajor >= 2)
    return (request as { readonly stream?: { readonly endAfterHeaders?: boolean } }).stream?.endAfterHeaders !== true
  return headers['transfer-encoding'] !== undefined || length !== undefined
}

/**
 * What was pushed before we came, and still waits to be read. `undefined` where that cannot be seen: it is text already, of which the decoder
 * may keep the last bytes, or the runtime has other streams.
 */
function waitingIn(request: IncomingMessage): readonly Uint8Array[] | undefined {
  if (request.readableLength === 0) return []
  const { buffer, bufferIndex = 0 } = (request as unknown as { readonly _readableState?: ReadableState })._readableState ?? {}
  const chunks = buffer === undefined ? [] : [...buffer].slice(bufferIndex)
  let length = 0
  for (const chunk of chunks) if (chunk instanceof Uint8Array) length += chunk.length
  return length === request.readableLength ? (chunks as Uint8Array[]) : undefined
}

/** Of Node: a list of chunks or, since 22, an array whose first ones have been read. */
interface ReadableState {
  readonly buffer?: Iterable<unknown>
  readonly bufferIndex?: number
}

const onPush: Act<Capture> = (capture, push, request, [chunk, encoding]) => {
  capture.keep(chunk, encoding)
  const wantsMore = push.call(request, chunk, encoding)
  capture.pushed()
  return wantsMore
}

const onEmit: Act<Capture> = (capture, emit, request, args) => {
  const [name, chunk] = args
  if (name === 'data') capture.keep(chunk, (request as IncomingMessage).readableEncoding)
  else if (name === 'end') capture.keep(null, undefined)
  return emit.apply(request, args)
}
