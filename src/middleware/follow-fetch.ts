import type { HeaderFields } from '../http/index.ts'
import { utf8 } from '../util/index.ts'
import { type Body, bodyOf, noBody } from './body.ts'
import { type BodyHolder, parsedBody, unread } from './parsed-body.ts'
import { type RequestCallbacks, RunningCallbacks, runningBefore } from './request-callbacks.ts'
import type { Run } from './run.ts'
import type { Scope } from './scope.ts'
import type { ResponseSide } from './sides.ts'

/** Tells a runtime that may stop after the response to go on until a promise is settled. */
export type WaitUntil = (promise: Promise<unknown>) => void

/** A request of a fetch handler that is followed to the end of its response. */
export interface FollowedFetch {
  readonly callbacks: RequestCallbacks
  /** The handler has answered, or has given nothing. Never rejects; resolves when the response may go out, and it is the same response. */
  answered(response: Response | undefined): Promise<void>
  /** It has not, and somebody else answers. */
  failed(): void
}

/** A body that is not complete by then is a stream: it goes out, and deliveries are stored at its end. */
const streamAfterMs = 20

/**
 * Nobody tells a fetch handler that its response has gone out: it counts as gone when it is handed over and its content is complete. `before` and
 * `holder`: as for `follow`. `undefined`: the request is for no operation with callbacks.
 */
export function followFetch(
  scope: Scope,
  request: Request,
  waitUntil: WaitUntil | undefined,
  before: RequestCallbacks | undefined,
  holder: BodyHolder = {},
): FollowedFetch | undefined {
  const matched = scope.match(request.method, targetOf(request.url))
  if (matched === undefined) return undefined
  const { needs } = matched.plan
  const kept = needs.requestBody ? keep(request, scope.maxBodyBytes) : none
  const headers = fieldsOf(request.headers)
  const run = scope.begin(matched, {
    method: request.method,
    target: targetOf(request.url),
    headers,
    origin: () => scope.origin ?? new URL(request.url).origin,
    body: () => (kept === notKept ? parsedBody(holder, headers, true) : kept.body()),
    bodyEnd: () => kept.end,
  })
  let copy = none
  const abort = (): void => {
    // The other half of it goes on only as long as this one does.
    copy.giveUp()
    void run.aborted()
  }
  request.signal?.addEventListener('abort', abort, { once: true })
  return {
    callbacks: new RunningCallbacks(run, before),
    async answered(response) {
      // A connection that was upgraded has none.
      if (typeof response?.status !== 'number') return run.aborted()
      if (needs.responseBody) copy = keep(response, scope.maxBodyBytes)
      if (request.signal?.aborted === true) return abort()
      const side = { status: () => response.status, headers: () => fieldsOf(response.headers), body: () => copy.body() }
      await mayGoOut(run, side, kept, copy)
      // Deno says by the same signal that the response has gone out.
      void copy.end.then(() => request.signal?.removeEventListener('abort', abort))
      follow(run, side, copy, waitUntil)
    },
    failed: abort,
  }
}

/** For such a request: the callbacks of a middleware before, if it is for an operation of that one. */
export function notFollowed(scope: Scope, before: RequestCallbacks | undefined): RequestCallbacks {
  return runningBefore(before) ?? scope.none
}

async function mayGoOut(run: Run, response: ResponseSide, asked: Kept, answered: Kept): Promise<void> {
  const status = response.status()
  if (run.holdsFor(status) && (await isSoon(answered.end, streamAfterMs))) {
    if (!answered.isBroken()) await run.ending(response)
    // Workers take what is left of a request away with its response.
  } else if (!asked.hasEnded() && run.firesFor(status)) await isSoon(asked.end, run.parts.commitTimeoutMs)
}

function follow(run: Run, response: ResponseSide, answered: Kept, waitUntil: WaitUntil | undefined): void {
  const end = async (): Promise<void> => {
    await answered.end
    if (answered.isBroken()) return run.aborted()
    await run.ending(response)
    // Not before the runtime has been given the response.
    await new Promise((resolve) => setTimeout(resolve, 0))
    await run.sent(response)
  }
  const ended = run.parts.underWay.add(end())
  try {
    waitUntil?.(ended)
  } catch (error) {
    run.tell({ kind: 'handler', error, message: `"waitUntil" failed: ${String(error)}` })
  }
}

function isSoon(end: Promise<void>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms)
    void end.then(() => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}

interface Kept {
  body(): Body
  /** Never rejects. */
  readonly end: Promise<void>
  hasEnded(): boolean
  /** The content ended with an error. */
  isBroken(): boolean
  /** Nobody wants it any more. */
  giveUp(): void
}

const none: Kept = { body: () => noBody, end: Promise.resolve(), hasEnded: () => true, isBroken: () => false, giveUp() {} }
const notKept: Kept = { ...none, body: () => unread }

/** Reads a copy of a message, up to a limit; above it, nothing is kept, and the copy is given up. */
function keep(message: Request | Response, maxBytes: number): Kept {
  if (message.body === null) return none
  const reader = readerOf(message)
  if (reader === undefined) return notKept
  const coding = message.headers.get('content-encoding') ?? undefined
  const chunks: Uint8Array[] = []
  let length = 0
  let state: 'open' | 'complete' | 'too-large' | 'broken' = 'open'
  const read = async (): Promise<void> => {
    try {
      for (;;) {
        const { done, value } = await reader.read()
        if (done || value === undefined) {
          if (state === 'open') state = 'complete'
          return
        }
        // Some runtimes also send text.
        const bytes = typeof value === 'string' ? utf8(value) : value
        length += bytes.length
        if (length > maxBytes) {
          chunks.length = 0
          state = 'too-large'
          void reader.cancel().catch(() => {})
          return
        }
        chunks.push(bytes)
      }
    } catch {
      state = 'broken'
    }
  }
  const end = read()
  return {
    body() {
      if (state === 'complete') return bodyOf(() => Buffer.concat(chunks, length), coding)
      return { kind: 'lost', reason: state === 'too-large' ? 'too-large' : 'unread' }
    },
    end,
    hasEnded: () => state !== 'open',
    isBroken: () => state === 'broken',
    giveUp() {
      if (state !== 'open') return
      state = 'broken'
      void reader.cancel().catch(() => {})
    },
  }
}

/**
 * Of a copy. `undefined`: somebody else has the content, or it is none of this runtime. A copy of what is not read here would hold up whoever
 * reads the other half.
 */
function readerOf(message: Request | Response): ReadableStreamDefaultReader<Uint8Array | string> | undefined {
  try {
    const { body, bodyUsed } = message
    if (bodyUsed || body === null || body.locked || typeof body.getReader !== 'function') return undefined
    return message.clone().body?.getReader()
  } catch {
    return undefined
  }
}

function fieldsOf(headers: Headers): HeaderFields {
  const fields: Record<string, string | readonly string[]> = {}
  for (const [name, value] of headers) fields[name] = value
  const cookies = headers.getSetCookie()
  if (cookies.length > 0) fields['set-cookie'] = cookies
  return fields
}

/** Path and query as they were sent, where the runtime has not changed them. */
function targetOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3)
  const target = start === -1 ? '/' : url.slice(start)
  const hash = target.indexOf('#')
  return hash === -1 ? target : target.slice(0, hash)
}
