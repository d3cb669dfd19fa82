import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import { createDispatcher, type DeliveryStore, type Dispatcher, memoryStore } from 'ringback/dispatcher'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Answer, Behaviour, Harness } from './app.ts'
import { benchOf, echo } from './bench.ts'
import { askHttp2, resetHttp2 } from './http2-client.ts'
import { rawRequest, talk, undated } from './raw-client.ts'
import { deferred } from './wait.ts'
import { durable } from './wire-contract.ts'

type Act = (response: ServerResponse, request: IncomingMessage) => unknown

/** What an application, its framework or its server does when the response was ended and is not out yet. */
const OF_BOTH: [name: string, act: Act][] = [
  ['nothing', () => {}],
  ['it is ended once more', (response) => response.end()],
  ['it is ended with more', (response) => response.end('more')],
  ['more is written', (response) => response.write('more')],
  [
    'its status is set',
    (response) => {
      response.statusCode = 500
    },
  ],
  ['a field is set', (response) => response.setHeader('x-late', '1')],
  ['another head is written', (response) => response.writeHead(500, { 'x-late': '1' })],
  ['a hint is written', (response) => response.writeContinue()],
  ['the application answers again unless it has', (response) => void (response.headersSent || response.end('oops'))],
  [
    'the application fails',
    () => {
      throw new Error('after it has answered')
    },
  ],
]

const OF_HTTP1: [name: string, act: Act][] = [
  ...OF_BOTH,
  ['the response is destroyed', (response) => response.destroy()],
  ['the response is destroyed with an error', (response) => response.destroy(new Error('no'))],
]

/** These close a connection that would stay open. */
const CLOSING: [name: string, act: Act][] = [
  ['the socket is destroyed', (_response, request) => request.socket.destroy()],
  ['the socket is destroyed with an error', (_response, request) => request.socket.destroy(new Error('no'))],
  ['the socket is destroyed soon', (_response, request) => request.socket.destroySoon()],
  ['the socket is ended', (_response, request) => request.socket.end()],
  ['the server closes', (_response, request) => serverOf(request).close()],
  ['the server closes idle connections', (_response, request) => serverOf(request).closeIdleConnections()],
  ['the server closes all connections', (_response, request) => serverOf(request).closeAllConnections()],
]

const OF_HTTP2: [name: string, act: Act][] = [
  ...OF_BOTH,
  ['the response is destroyed', (response) => response.destroy()],
  ['the stream is ended', (response) => streamOf(response).end()],
  ['the stream is closed', (response) => streamOf(response).close()],
  ['the stream is destroyed', (response) => streamOf(response).destroy()],
  ['the session is closed', (response) => streamOf(response).session?.close()],
]

const ANSWERS: [name: string, answer: Answer][] = [
  ['JSON', { kind: 'json', status: 200, headers: { 'X-Two': 'a, b' }, body: { id: 'ü' } }],
  // Less than the window that HTTP/2 begins with: what is above it is lost when a stream is destroyed, with or without us.
  ['much', { kind: 'bytes', status: 200, body: Uint8Array.from({ length: 60_000 }, (_, i) => i % 256) }],
  ['nothing', { kind: 'empty', status: 204 }],
  ['a stream', { kind: 'stream', status: 200, headers: { 'content-type': 'text/plain' }, chunks: () => chunks('a', 'bc') }],
  ['a status without callbacks', { kind: 'text', status: 413, body: 'too much' }],
]

/** That a response is the one without the middleware, whatever happens while it is held back, and so is what the application sees. */
export function afterContract(harness: Harness, { isWhole }: { readonly isWhole: boolean }): void {
  const lacks = (what: string): boolean => harness.lacks?.some((one) => one === what) ?? false
  const answers = isWhole ? ANSWERS : ANSWERS.slice(0, 1)

  // What an adapter has no way to do is no row of its.
  if (lacks('raw')) return
  const hasHttp2 = !lacks('http2')
  describe(`${harness.name}: after the response was ended`, () => {
    const bench = benchOf(harness)
    // Hono's server prints what is thrown by `end`.
    beforeEach(() => {
      vi.spyOn(console, 'error').mockImplementation(() => {})
    })

    const run = async (
      version: 1 | 2,
      isBare: boolean,
      answer: Answer,
      when: When,
      act: Act,
      isKept: boolean,
    ): Promise<Outcome> => {
      const { behaviour, seen } = watched(
        answer,
        !isBare && when !== 'at once',
        when === 'at once' && answer.kind !== 'stream',
        act,
      )
      const { store, isDone } = slow()
      const dispatcher = createDispatcher({ store })
      const cancelled = whenCancelled(dispatcher)
      const routes = [['POST', '/echo', behaviour]] as const
      const app = { http2: version === 2 }
      const port = isBare
        ? await bench.bare(routes, app)
        : await bench.begin(
            routes,
            {
              fire: 'enqueue',
              dispatcher,
              handlers: { echo: { echoed: echo } },
              ...(answer.kind === 'empty' ? { when: () => true } : {}),
            },
            app,
          )
      const fields = { headers: { 'Content-Type': 'text/plain' }, body: 'hello', keepAlive: isKept }
      const answered =
        version === 2
          ? await askHttp2(port, '/v1/echo', 'hello')
          : undated(await talk(port, rawRequest('POST', '/v1/echo', fields)))
      const stored = async (): Promise<readonly string[]> => {
        await isDone
        // A stream that its application destroys takes the response with it, and what was stored is cancelled soon.
        if (isReset(answered)) await cancelled
        return (await dispatcher.list()).map(({ state }) => state)
      }
      return { answered, seen: await seen, stored }
    }

    const same = async (version: 1 | 2, answer: Answer, when: When, act: Act, isKept = false): Promise<void> => {
      const bare = await run(version, true, answer, when, act, isKept)
      const followed = await run(version, false, answer, when, act, isKept)
      expect({ answered: followed.answered, seen: followed.seen }).toEqual({ answered: bare.answered, seen: bare.seen })
      expect(bare.answered).toMatch(/^HTTP\/1.1 \d{3} |^\d{3} /)
      if (isHeld(answer)) expect(await followed.stored()).toEqual([isReset(bare.answered) ? 'cancelled' : 'pending'])
    }

    // Of the two ways in which a client goes away, one breaks the connection, which durable.test.ts has.
    test.each(hasHttp2 ? ['before the answer', 'while it is held'] : [])(
      'HTTP/2: a client that resets its stream %s',
      async (when) => {
        const { store } = slow()
        const dispatcher = createDispatcher({ store })
        const [arrived, closed] = [deferred<void>(), deferred<void>()]
        const behaviour: Behaviour = {
          answer: ANSWERS[0]?.[1] ?? { kind: 'empty', status: 200 },
          async use() {
            if (when !== 'before the answer') return
            arrived.resolve()
            await closed.promise
          },
          after: () => arrived.resolve(),
        }
        const cancelled = whenCancelled(dispatcher)
        const port = await bench.begin(
          [['POST', '/echo', behaviour]],
          { fire: 'enqueue', dispatcher, handlers: { echo: { echoed: echo } } },
          { http2: true },
        )
        await resetHttp2(port, '/v1/echo', arrived.promise)
        closed.resolve()
        if (when === 'while it is held') await cancelled
        expect((await dispatcher.list()).filter(({ state }) => state !== 'cancelled')).toEqual([])
      },
    )

    describe.each(answers)('with %s', (_answer, answer) => {
      describe.each(isHeld(answer) ? (['at once', 'while it is held'] as const) : (['at once'] as const))('%s', (when) => {
        test.each(OF_HTTP1)('%s', (_name, act) => same(1, answer, when, act))
        test.each(CLOSING)('%s', (_name, act) => same(1, answer, when, act, true))
        // Without us, what is still on its way is lost when its stream is destroyed.
        const ofHttp2 = answer.kind === 'stream' ? OF_HTTP2.filter(([name]) => !name.endsWith('destroyed')) : OF_HTTP2
        test.each(hasHttp2 ? ofHttp2 : [])('HTTP/2: %s', (_name, act) => same(2, answer, when, act))
      })
    })
  })
}

/** Resolves when deliveries have been cancelled. */
function whenCancelled(dispatcher: Dispatcher): Promise<void> {
  const { promise, resolve } = deferred<void>()
  const { cancel } = dispatcher
  Object.assign(dispatcher, { cancel: (...ids: string[]) => cancel(...ids).finally(() => resolve()) })
  return promise
}

/** Of a client of HTTP/2: its stream was reset before the end of the response. */
function isReset(answered: string): boolean {
  return answered.includes('NGHTTP2_')
}

function isHeld({ kind }: Answer): boolean {
  return kind !== 'text'
}

type When = 'at once' | 'while it is held'
interface Outcome {
  readonly answered: string
  readonly seen: readonly unknown[]
  readonly stored: () => Promise<readonly string[]>
}

/**
 * Acts when the response has been ended, and tells all that the application sees from then on. Without the middleware that is at once, since
 * the response is out soon after.
 */
function watched(
  answer: Answer,
  isLater: boolean,
  throws: boolean,
  act: Act,
): { readonly behaviour: Behaviour; readonly seen: Promise<readonly unknown[]> } {
  const seen: unknown[] = []
  const events: string[] = []
  const [acted, closed] = [deferred<void>(), deferred<void>()]
  const after = (response: ServerResponse, request: IncomingMessage): void => {
    const look = (): void => {
      const { headersSent, writableEnded, statusCode } = response
      seen.push({ headersSent, writableEnded, statusCode })
    }
    const now = (): void => {
      try {
        act(response, request)
      } catch (error) {
        seen.push((error as NodeJS.ErrnoException).code ?? String(error))
        if (throws) throw error
      } finally {
        look()
        acted.resolve()
      }
    }
    response.on('error', (error: NodeJS.ErrnoException) => seen.push(error.code ?? error.message))
    request.on('error', () => {})
    request.socket.on('error', () => {})
    response.on('finish', () => events.push('finish'))
    response.on('close', () => {
      events.push('close')
      closed.resolve()
    })
    look()
    if (isLater) setImmediate(now)
    else now()
  }
  return { behaviour: { answer, after }, seen: Promise.all([acted.promise, closed.promise]).then(() => [...seen, ...events]) }
}

/** Durable, and slow enough that a response is held for some rounds of the event loop. */
function slow(): { readonly store: DeliveryStore; readonly isDone: Promise<void> } {
  const inner = durable(memoryStore())
  const { promise, resolve } = deferred<void>()
  const store: DeliveryStore = {
    ...inner,
    async insert(deliveries, leases) {
      await new Promise((next) => setTimeout(next, 15))
      const inserted = await inner.insert(deliveries, leases)
      resolve()
      return inserted
    },
  }
  return { store, isDone: promise }
}

function serverOf({ socket }: IncomingMessage): Server {
  return (socket as unknown as { readonly server: Server }).server
}

function streamOf(response: ServerResponse): Http2ServerResponse['stream'] {
  return (response as unknown as Http2ServerResponse).stream
}

async function* chunks(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}
