import type { IncomingMessage } from 'node:http'
import { type Deferred, deferred } from '../util/index.ts'
import { type Body, noBody } from './body.ts'

/** The body of a request, kept while it passes by. */
export interface RequestCapture {
  body(): Body
  /** Resolves when it is complete, or will not become so unless somebody reads it. */
  end(): Promise<void>
}

/**
 * Keeps what arrives without reading it: whoever reads the request reads it as before, and one that nobody reads is kept as far as Node takes
 * it from the wire. `parsed` is what a framework has made of a body that was read before us.
 */
export function captureRequest(request: IncomingMessage, maxBytes: number, parsed: () => unknown): RequestCapture {
  if (!hasContent(request)) return empty
  if (request.readableDidRead || request.readableEnded) return parsedElsewhere(parsed)
  const chunks: Uint8Array[] = []
  let length = 0
  let state: 'open' | 'complete' | 'too-large' = 'open'
  let end: Deferred<void> | undefined
  const declared = Number(request.headers['content-length'])

  const settle = (now: 'complete' | 'too-large'): void => {
    state = now
    restore()
    if (now === 'too-large') chunks.length = 0
    end?.resolve()
  }
  const keep = (chunk: unknown, encoding: unknown): void => {
    if (state !== 'open') return
    if (chunk === null) {
      settle('complete')
      return
    }
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding as BufferEncoding) : (chunk as Uint8Array)
    length += bytes.length
    if (length > maxBytes) {
      settle('too-large')
      return
    }
    chunks.push(bytes)
    // Its end may be told only after a response that did not wait for it.
    if (length === declared) settle('complete')
  }
  // What waits in the stream already was pushed before we came, and is seen when it is read.
  const isStuck = (): boolean => request.readableLength >= request.readableHighWaterMark && request.readableFlowing !== true
  const restore =
    request.readableLength > 0
      ? watchReads(request, keep)
      : watchArrivals(request, keep, () => {
          if (end !== undefined && isStuck()) end.resolve()
        })
  request.once('close', () => end?.resolve())

  return {
    body() {
      if (state === 'too-large') return { kind: 'lost', reason: 'too-large' }
      if (state === 'complete') {
        const [only] = chunks
        const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, length)
        return { kind: 'bytes', bytes, coding: request.headers['content-encoding'] }
      }
      const value = parsed()
      return value === undefined ? { kind: 'lost', reason: 'unread' } : { kind: 'value', value }
    },
    end() {
      if (state !== 'open' || request.destroyed || isStuck()) return Promise.resolve()
      end ??= deferred()
      return end.promise
    },
  }
}

type Keep = (chunk: unknown, encoding: unknown) => void

const empty: RequestCapture = { body: () => noBody, end: () => Promise.resolve() }

function parsedElsewhere(parsed: () => unknown): RequestCapture {
  return {
    body() {
      const value = parsed()
      return value === undefined ? { kind: 'lost', reason: 'unread' } : { kind: 'value', value }
    },
    end: () => Promise.resolve(),
  }
}

/** RFC 9112, 6.3: a request has content when it says so. HTTP/2 frames it without saying. */
function hasContent({ headers, httpVersionMajor }: IncomingMessage): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length === undefined ? httpVersionMajor >= 2 : Number(length) !== 0)
}

function watchArrivals(request: IncomingMessage, keep: Keep, pushed: () => void): () => void {
  const { push } = request
  const watched = function (this: IncomingMessage, chunk: unknown, encoding?: BufferEncoding): boolean {
    keep(chunk, encoding)
    const wantsMore = push.call(this, chunk, encoding)
    pushed()
    return wantsMore
  }
  request.push = watched
  return () => {
    // Somebody else may have wrapped it after us.
    if (request.push === watched) request.push = push
  }
}

function watchReads(request: IncomingMessage, keep: Keep): () => void {
  const { emit } = request
  const watched = function (this: IncomingMessage, name: string | symbol, ...values: unknown[]): boolean {
    if (name === 'data') keep(values[0], request.readableEncoding)
    else if (name === 'end') keep(null, undefined)
    return emit.call(this, name, ...values)
  }
  request.emit = watched
  return () => {
    if (request.emit === watched) request.emit = emit
  }
}
