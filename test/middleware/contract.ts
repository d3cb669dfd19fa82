import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import type { CallbackOptions, HandlerContext } from 'ringback/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AppOptions, Behaviour, Harness, Running } from './app.ts'
import { document } from './document.ts'
import { dial, jsonPost, rawRequest, rest, talk, undated } from './raw-client.ts'
import { Sink } from './sink.ts'
import { deferred } from './wait.ts'

type Routes = AppOptions['behaviours']
const hook = 'http://hooks.example.com/c'
const created: Behaviour = { answer: { kind: 'json', status: 201, headers: { Location: '/orders/o1' }, body: { id: 'o1' } } }
const order = { callbackUrl: hook, item: 'tea' }

/** What holds for every adapter, over real sockets. */
export function middlewareContract(harness: Harness): void {
  const lacks = (what: string): boolean => harness.lacks?.some((one) => one === what) ?? false

  describe(harness.name, () => {
    let sink: Sink
    let servers: Running[]
    beforeEach(() => {
      sink = new Sink()
      servers = []
    })
    afterEach(() => Promise.all(servers.map((server) => server.stop())))

    const begin = async (
      behaviours: Routes,
      more: Partial<CallbackOptions> = {},
      app: Partial<AppOptions> = {},
    ): Promise<number> => {
      const callbacks = {
        description: document,
        fire: sink.fire,
        onError: sink.onError,
        onStart() {},
        ...more,
      } as CallbackOptions
      const server = await harness.start({ behaviours, callbacks, mount: '/v1', ...app })
      servers.push(server)
      return server.port
    }
    const echo = ({ exchange }: HandlerContext): { body: unknown } => ({
      body: { asked: exchange.request.body, answered: exchange.response.body, query: exchange.request.query },
    })

    test('a handler sees the request and the response, and its body goes where the key says', async () => {
      const port = await begin([['POST', '/orders', created]], { handlers: { createOrder: { orderAccepted: echo } } })
      const answer = await talk(port, jsonPost('/v1/orders?a=1&a=2', order))
      expect(answer).toMatch(/^HTTP\/1.1 201 /)
      await sink.reaches(1)
      expect(sink.urls()).toEqual([hook])
      expect(sink.bodies()).toEqual([{ asked: order, answered: { id: 'o1' }, query: { a: ['1', '2'] } }])
    })

    test('send is sent after the response, with or without a handler for others', async () => {
      const sends: Behaviour = { ...created, use: (callbacks) => callbacks.send('orderShipped', { body: { late: true } }) }
      const port = await begin([['POST', '/orders', sends]])
      await talk(port, jsonPost('/v1/orders', order))
      await sink.reaches(1)
      expect(sink.urls()).toEqual([`${hook}/shipped/o1`])
    })
  })
}
