import { createServer, type ServerResponse } from 'node:http'
import express, { type Request, type RequestHandler, type Response } from 'express'
import { createDispatcher, type Dispatcher } from 'ringback/dispatcher'
import { expressCallbacks } from 'ringback/express'
import { afterEach, expect, test } from 'vitest'
import type { Running } from './app.ts'
import { echo } from './bench.ts'
import { document } from './document.ts'
import { gatedStore } from './gated-store.ts'
import { dial, rawRequest, rest, undated } from './raw-client.ts'
import { running } from './servers.ts'
import { deferred } from './wait.ts'

const servers: Running[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()))
})

type Plain = (...args: unknown[]) => unknown

/** Does as session middlewares do: gives all but the last of a response, and its end when something is saved. */
function splitEnd(saved: Promise<void>): RequestHandler {
  return (_request, response, next) => {
    const end = response.end.bind(response) as Plain
    const write = response.write.bind(response) as Plain
    response.end = ((chunk?: string | Uint8Array) => {
      const isSplit = chunk !== undefined && response.getHeader('content-length') !== undefined
      const bytes = Buffer.from(chunk ?? '')
      if (!response.headersSent) response.writeHead(response.statusCode)
      if (bytes.length > 0) write(isSplit ? bytes.subarray(0, -1) : bytes)
      void saved.then(() => (isSplit ? end(bytes.subarray(-1)) : end()))
      return response
    }) as Plain as Response['end']
    next()
  }
}

const ANSWERS: [name: string, answer: (response: Response) => unknown][] = [
  ['with a length', (response) => response.json({ a: 1 })],
  [
    'chunked',
    (response) => {
      response.write('{"a"')
      response.end(':1}')
    },
  ],
  ['without content', (response) => response.status(204).end()],
]
const ACTS: [name: string, act: (request: Request, response: Response) => void][] = [
  ['nothing', () => {}],
  [
    'the route fails',
    () => {
      throw new Error('after it has answered')
    },
  ],
  ['the response is destroyed', (_request, response) => response.destroy()],
  ['the socket is destroyed soon', (request) => setImmediate(() => request.socket.destroy())],
]

/** Of the event loop. */
async function rounds(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve))
}

test.each(ANSWERS.flatMap(([how, answer]) => ACTS.map(([what, act]) => [how, what, answer, act] as const)))(
  'a response whose end something before the middleware puts off, %s: %s',
  async (_how, _what, answer, act) => {
    const run = async (isFollowed: boolean): Promise<{ got: string; seen: string[]; states: () => Promise<string[]> }> => {
      const { store, open } = gatedStore()
      const dispatcher = createDispatcher({ store })
      const settled = deferred<void>()
      const options = {
        description: document,
        dispatcher: {
          ...dispatcher,
          reschedule: (...args: Parameters<Dispatcher['reschedule']>) => dispatcher.reschedule(...args).finally(settled.resolve),
          cancel: (...ids: string[]) => dispatcher.cancel(...ids).finally(settled.resolve),
        },
        handlers: { echo: { echoed: echo } },
        when: () => true,
        onStart() {},
      }
      const [saved, closed] = [deferred<void>(), deferred<void>()]
      const seen: string[] = []
      const app = express().set('env', 'test').use(splitEnd(saved.promise))
      if (isFollowed) app.use(expressCallbacks(options))
      app.post('/v1/echo', (request, response) => {
        response.on('finish', () => seen.push('finish'))
        response.on('close', () => closed.resolve())
        void rounds(4).then(async () => {
          // After all that the act leads to, and while the response is held.
          saved.resolve()
          await rounds(1)
          open()
        })
        answer(response)
        act(request, response)
      })
      app.use(((_error, _request, _response, _next) => _request.socket.destroy()) as express.ErrorRequestHandler)
      const server = await running(createServer(app as (request: unknown, response: ServerResponse) => void))
      servers.push(server)
      const socket = await dial(server.port)
      socket.write(rawRequest('POST', '/v1/echo'))
      const got = undated(await rest(socket))
      await closed.promise
      const states = async (): Promise<string[]> => {
        await settled.promise
        return (await dispatcher.list()).map(({ state }) => state)
      }
      return { got, seen, states }
    }
    const [bare, followed] = [await run(false), await run(true)]
    expect({ got: followed.got, seen: followed.seen }).toEqual({ got: bare.got, seen: bare.seen })
    expect(await followed.states()).toEqual([bare.seen.includes('finish') ? 'pending' : 'cancelled'])
  },
)
