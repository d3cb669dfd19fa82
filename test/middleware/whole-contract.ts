import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { createDispatcher, memoryStore } from 'ringback/dispatcher'
import type { CallbackOptions, RequestCallbacks } from 'ringback/node'
import { describe, expect, test } from 'vitest'
import type { Behaviour, Harness } from './app.ts'
import { benchOf, canaryUrl, echo } from './bench.ts'
import { gatedStore } from './gated-store.ts'
import { dial, rawRequest } from './raw-client.ts'
import { deferred } from './wait.ts'
import { durable } from './wire-contract.ts'

/** Give all of a response without ending it. */
const WHOLE: [name: string, last: string, by: (response: ServerResponse) => void][] = [
  ['content-length given to writeHead', 'hello', (response) => response.writeHead(200, { 'content-length': 5 }).write('hello')],
  ['content-length in turn', 'hello', (response) => response.writeHead(200, ['Content-Length', '5'] as never).write('hello')],
  ['content-length set', 'hello', (response) => response.setHeader('content-length', 5).write('hello')],
  ['more content than was said', 'hell', (response) => response.writeHead(200, { 'content-length': 4 }).write('hello')],
  [
    'content in pieces',
    'hello',
    (response) => {
      response.writeHead(200, { 'content-length': 5 })
      for (const piece of 'hello') response.write(piece)
    },
  ],
  ['a status without content', '\r\n\r\n', (response) => response.writeHead(204).flushHeaders()],
  ['content-length: 0', '\r\n\r\n', (response) => response.setHeader('content-length', 0).flushHeaders()],
]

const send: NonNullable<Behaviour['use']> = (scope: RequestCallbacks) => scope.send('echoed', { body: {} })
const ASKED: [name: string, callbacks: Partial<CallbackOptions>, use?: Behaviour['use']][] = [
  ['a handler', { handlers: { echo: { echoed: echo } } }],
  ['an example', { handlers: { echo: { echoed: { body: 'example' } } } }],
  ['send', {}, send],
]

const post = rawRequest('POST', '/v1/echo', { headers: { 'Content-Type': 'text/plain' }, body: 'hello' })

/** That the client has the whole response when it has all of its content, and whoever wrote it has not yet said that it is the end. */
export function wholeContract(harness: Harness): void {
  if (harness.lacks?.includes('hijack')) return
  describe(`${harness.name}: a response that is whole before it is ended`, () => {
    const bench = benchOf(harness)
    const begin = async (by: (response: ServerResponse) => void, callbacks: Partial<CallbackOptions>, use?: Behaviour['use']) => {
      const response = deferred<ServerResponse>()
      const answer = {
        kind: 'hijack',
        status: 200,
        body: '',
        by(one: ServerResponse) {
          by(one)
          response.resolve(one)
        },
      } as const
      const behaviour: Behaviour = use === undefined ? { answer } : { answer, use }
      const port = await bench.begin([['POST', '/echo', behaviour]], { when: () => true, ...callbacks })
      const socket = await dial(port)
      let got = ''
      socket.on('data', (data) => {
        got += String(data)
      })
      socket.write(post)
      return { response: await response.promise, socket, got: () => got }
    }

    const GOING: [name: string, go: (socket: Socket) => void][] = [
      ['ends', (socket) => socket.end()],
      ['is destroyed', (socket) => socket.destroy()],
      ['breaks', (socket) => socket.resetAndDestroy()],
    ]
    test.each(
      GOING.flatMap(([how, go]) =>
        [true, false].flatMap((isDurable) =>
          WHOLE.filter(([, last]) => how !== 'breaks' || last.startsWith('hell')).map(
            (whole) => [how, isDurable, ...whole, go] as const,
          ),
        ),
      ),
    )('has gone out when the connection %s, durable %s: %s', async (_how, isDurable, _name, last, by, go) => {
      const dispatcher = createDispatcher({ store: durable(memoryStore()) })
      const released = deferred<void>()
      const reschedule: typeof dispatcher.reschedule = (...ids) => dispatcher.reschedule(...ids).finally(released.resolve)
      const { response, socket, got } = await begin(by, {
        handlers: { echo: { echoed: echo } },
        ...(isDurable ? { fire: 'enqueue', dispatcher: { ...dispatcher, reschedule } } : {}),
      })
      const closed = new Promise((resolve) => response.once('close', resolve))
      while (!got().includes(last)) await new Promise((resolve) => socket.once('data', resolve))
      go(socket)
      await closed
      response.end()
      if (isDurable) await released.promise
      else await bench.sink.reaches(1)
      expect(bench.sink.problems).toEqual([])
    })

    test('has not gone out when the connection breaks before the last of it', async () => {
      const { response, socket, got } = await begin((one) => one.writeHead(200, { 'content-length': 6 }).write('hello'), {
        handlers: { echo: { echoed: echo } },
      })
      const closed = new Promise((resolve) => response.once('close', resolve))
      while (!got().includes('hello')) await new Promise((resolve) => socket.once('data', resolve))
      socket.resetAndDestroy()
      await closed
      response.end('!')
      await bench.canary(await bench.begin([]))
      expect(bench.sink.urls()).toEqual([canaryUrl])
    })

    describe.each(ASKED)('%s', (_asked, callbacks, use) => {
      test.each(WHOLE)('is stored before its last byte: %s', async (_name, last, by) => {
        const { store, asked, open } = gatedStore()
        const { response, socket, got } = await begin(
          by,
          { fire: 'enqueue', dispatcher: createDispatcher({ store }), ...callbacks },
          use,
        )
        await asked
        expect(got()).not.toContain(last)
        open()
        while (!got().includes(last)) await new Promise((resolve) => socket.once('data', resolve))
        response.end()
      })
    })
  })
}
