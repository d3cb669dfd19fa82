import { once } from 'node:events'
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { type Context, Hono, type Next } from 'hono'
import { callbacksOf, type FetchHandler, withCallbacks } from 'ringback/fetch'
import { honoCallbacks } from 'ringback/hono'
import type { CallbackOptions } from 'ringback/node'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Running } from './app.ts'
import { echo, hook, order } from './bench.ts'
import { document } from './document.ts'
import { dial, jsonPost, rawRequest, talk } from './raw-client.ts'
import { running } from './servers.ts'
import { Sink } from './sink.ts'
import { deferred } from './wait.ts'

let sink: Sink
let servers: Running[]
beforeEach(() => {
  sink = new Sink()
  servers = []
  // The runtime prints what it cannot send.
  vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterEach(() => Promise.all(servers.map((server) => server.stop())))

function options(): CallbackOptions {
  const { fire, onError } = sink
  return { description: document, fire, onError, onStart() {}, handlers: { createOrder: { orderAccepted: echo } } }
}

async function serve(fetch: (request: Request, env: object) => Response | Promise<Response>): Promise<number> {
  const errorHandler = (): Response => new Response('the runtime has no response', { status: 500 })
  const server = await running(createServer(getRequestListener(fetch, { errorHandler })))
  servers.push(server)
  return server.port
}

async function ask(port: number): Promise<readonly [status: string, body: string]> {
  const answer = await talk(port, jsonPost('/v1/orders', order))
  const status = answer.slice(9, 12)
  return [status, status === '500' ? '' : answer.slice(answer.indexOf('\r\n\r\n') + 4)]
}

/** A response, whatever was done before. */
const json = (_before?: unknown): Response => Response.json({ id: 'o1' }, { status: 201 })

/** Like a response of another realm, or of a package: not of the class that this runtime has. */
function foreign(body: unknown, status = 201): Response {
  return { status, ok: true, headers: new Headers({ 'content-type': 'application/json' }), body } as unknown as Response
}

const lost = { kind: 'body', reason: 'unread' }

describe('what a fetch handler may do without harm to its response', () => {
  const ODD: [name: string, handler: FetchHandler<[]>, told: object[], fired: number][] = [
    ['lock the request', (request) => json(request.body?.getReader()), [], 1],
    ['give the response with its content read', async () => read(json()), [{ ...lost, of: 'response' }], 1],
    ['give the response with its content locked', () => locked(json()), [{ ...lost, of: 'response' }], 1],
    ['give nothing', () => undefined as unknown as Response, [], 0],
    ['give no response', () => 'created' as unknown as Response, [], 0],
    ['give a response of another class', () => foreign(json().body), [{ ...lost, of: 'response' }], 1],
    ['give one whose content is a stream of another kind', () => foreign({ pipe() {} }), [{ ...lost, of: 'response' }], 1],
    ['give one without content', () => foreign(null), [], 1],
    ['give an error', () => Response.error(), [], 0],
  ]
  test.each(ODD)('%s', async (_name, handler, told, fired) => {
    const bare = await serve((request) => handler(request))
    const followed = withCallbacks(handler, options())
    const port = await serve((request) => followed(request))
    expect(await ask(port)).toEqual(await ask(bare))
    await sink.reaches(told.length + fired)
    expect(sink.problems).toMatchObject(told)
    expect(sink.urls()).toEqual(Array(fired).fill(hook))
  })

  test('a stream of text is text, where the runtime sends it', async () => {
    const text = (): Response => {
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue('{"id":"ü"')
          controller.enqueue('}')
          controller.close()
        },
      })
      return new Response(body, { status: 201, headers: { 'content-type': 'application/json' } })
    }
    const answer = await withCallbacks(text, options())(request())
    expect(answer.status).toBe(201)
    await sink.reaches(1)
    expect(sink.bodies()).toMatchObject([{ answered: { id: 'ü' } }])
  })

  test('a "waitUntil" that throws', async () => {
    const waitUntil = (): never => {
      throw new Error('outside of a request')
    }
    const followed = withCallbacks(json, { ...options(), waitUntil })
    expect(await ask(await serve((request) => followed(request)))).toEqual(['201', '{"id":"o1"}'])
    await sink.reaches(2)
    expect(sink.problems).toMatchObject([{ kind: 'handler', message: expect.stringContaining('outside of a request') }])
    expect(sink.urls()).toEqual([hook])
  })
})

describe('a client that leaves', () => {
  /** A response without an end, that tells when nobody reads it any more. */
  function endless(): { readonly response: () => Response; readonly cancelled: Promise<void> } {
    const { promise, resolve } = deferred<void>()
    const start = (controller: ReadableStreamDefaultController): void => controller.enqueue(Buffer.from('data: x\n\n'))
    const cancel = (): void => resolve()
    const headers = { 'content-type': 'text/event-stream' }
    const response = (): Response => new Response(new ReadableStream({ start, cancel }), { status: 201, headers })
    return { response, cancelled: promise }
  }

  test('ends the response that a handler may read', async () => {
    const { response, cancelled } = endless()
    const followed = withCallbacks(response, options())
    const port = await serve((request) => followed(request))
    const socket = await dial(port)
    socket.write(jsonPost('/v1/orders', order))
    await once(socket, 'data')
    socket.destroy()
    await cancelled
    expect(sink.count).toBe(0)
  })

  test('says nothing of a response that it has: some runtimes tell so by the signal of the request', async () => {
    const runtime = new AbortController()
    const answer = await withCallbacks(() => json(), options())(request({ signal: runtime.signal }))
    runtime.abort()
    expect(await answer.json()).toEqual({ id: 'o1' })
    await sink.reaches(1)
    expect(sink.urls()).toEqual([hook])
  })

  test('has left before', async () => {
    const answer = await withCallbacks(() => json(), options())(request({ signal: AbortSignal.abort() }))
    expect(answer.status).toBe(201)
    await new Promise((resolve) => setImmediate(resolve))
    expect(sink.count).toBe(0)
  })
})

describe('a request whose body comes after its answer', () => {
  function slow(): { readonly asked: Request; readonly body: ReadableStreamDefaultController } {
    const { readable, controller } = controlled()
    const asked = request({ body: readable, duplex: 'half' } as RequestInit)
    return { asked, body: controller }
  }

  test('is waited for, since some runtimes take it away with the response', async () => {
    const { asked, body } = slow()
    const given: string[] = []
    const answering = withCallbacks(() => json(), options())(asked).then(() => given.push('response'))
    setImmediate(() => {
      body.enqueue(Buffer.from(JSON.stringify(order)))
      body.close()
      given.push('body')
    })
    await answering
    expect(given).toEqual(['body', 'response'])
    await sink.reaches(1)
    expect(sink.bodies()).toMatchObject([{ asked: order }])
  })

  test('is waited for no longer than for a store', async () => {
    const { asked, body } = slow()
    expect((await withCallbacks(() => json(), { ...options(), commitTimeoutMs: 1 })(asked)).status).toBe(201)
    body.error(new Error('taken away'))
    await sink.reaches(1)
    expect(sink.problems).toMatchObject([{ ...lost, of: 'request' }])
  })

  test('is not waited for where no callback follows', async () => {
    const { asked } = slow()
    const followed = withCallbacks(() => new Response(null, { status: 500 }), { ...options(), commitTimeoutMs: 2 ** 30 })
    expect((await followed(asked)).status).toBe(500)
  })
})

test('a request that was locked before is followed, without its body', async () => {
  const followed = withCallbacks((request) => json(callbacksOf(request).send('orderAccepted', { body: {} })), options())
  const port = await serve((request) => {
    request.body?.getReader()
    return followed(request)
  })
  expect(await ask(port)).toEqual(['201', '{"id":"o1"}'])
  await sink.reaches(1)
  expect(sink.problems).toMatchObject([{ ...lost, of: 'request' }])
})

describe.each([
  ['on Node', true],
  ['elsewhere', false],
] as const)('Hono %s', (_name, isNode) => {
  async function begin(
    before: (context: Context, next: Next) => Promise<void>,
    route: (context: Context) => Response,
  ): Promise<number> {
    const app = new Hono()
    app.use(before)
    app.use(honoCallbacks(options()))
    app.onError((_error, context) => context.text('failed', 500))
    app.post('/v1/orders', route)
    return serve((request, env) => app.fetch(request, isNode ? env : undefined))
  }

  test('a request that a middleware before has locked', async () => {
    const port = await begin(
      (context, next) => {
        context.req.raw.body?.getReader()
        return next()
      },
      (context) => context.json({ id: 'o1' }, 201),
    )
    expect(await ask(port)).toEqual(['201', '{"id":"o1"}'])
    await sink.reaches(1)
    if (!isNode) expect(sink.problems).toMatchObject([{ ...lost, of: 'request' }])
  })

  const form = 'callbackUrl=http%3A%2F%2Fhooks.example.com%2Fc&item=tea'
  const multipart = `--b\r\nContent-Disposition: form-data; name="callbackUrl"\r\n\r\n${hook}\r\n--b\r\nContent-Disposition: form-data; name="item"\r\n\r\ntea\r\n--b--\r\n`
  const READS: [how: 'json' | 'text' | 'arrayBuffer' | 'blob' | 'formData' | 'parseBody', type: string, body: string][] = [
    ['json', 'application/json', JSON.stringify(order)],
    ['text', 'application/json', JSON.stringify(order)],
    ['arrayBuffer', 'application/json', JSON.stringify(order)],
    ['blob', 'application/json', JSON.stringify(order)],
    ['formData', 'application/x-www-form-urlencoded', form],
    ['formData', 'multipart/form-data; boundary=b', multipart],
    ['parseBody', 'application/x-www-form-urlencoded', form],
    ['parseBody', 'multipart/form-data; boundary=b', multipart],
  ]
  test.each(READS)('a body that a middleware before has read with c.req.%s(), %s', async (how, type, body) => {
    const port = await begin(
      async (context, next) => {
        await (context.req[how] as () => Promise<unknown>)()
        await next()
      },
      (context) => context.json({ id: 'o1' }, 201),
    )
    await talk(port, rawRequest('POST', '/v1/orders', { headers: { 'Content-Type': type }, body }))
    await sink.reaches(1)
    expect(sink.problems).toEqual([])
    expect(sink.bodies()).toMatchObject([{ asked: order }])
  })

  test('a body that a middleware before could not read', async () => {
    const port = await begin(
      async (context, next) => {
        await context.req.formData().catch(() => {})
        await next()
      },
      (context) => context.json({ id: 'o1' }, 201),
    )
    expect((await ask(port))[0]).toBe('201')
    await sink.reaches(1)
    expect(sink.problems).toMatchObject([{ ...lost, of: 'request' }])
  })

  test('a route that gives nothing has failed', async () => {
    const port = await begin(
      (_context, next) => next(),
      () => undefined as unknown as Response,
    )
    expect((await ask(port))[0]).toBe('500')
    expect(sink.count).toBe(0)
  })
})

function request(more: RequestInit = {}): Request {
  const body = JSON.stringify(order)
  const headers = { 'content-type': 'application/json' }
  return new Request('http://localhost/v1/orders', { method: 'POST', headers, body, ...more })
}

function controlled(): { readonly readable: ReadableStream; readonly controller: ReadableStreamDefaultController } {
  const controllers: ReadableStreamDefaultController[] = []
  const readable = new ReadableStream({ start: (one) => void controllers.push(one) })
  const [controller] = controllers
  if (controller === undefined) throw new Error('Expected a stream that has started.')
  return { readable, controller }
}

async function read(response: Response): Promise<Response> {
  await response.text()
  return response
}

function locked(response: Response): Response {
  response.body?.getReader()
  return response
}
