import type { CallbackOptions, HandlerContext } from 'ringback/node'
import { afterEach, beforeEach } from 'vitest'
import type { AppOptions, Behaviour, Harness, Running } from './app.ts'
import { document } from './document.ts'
import { rawRequest, talk } from './raw-client.ts'
import { Sink } from './sink.ts'

export const hook: string = 'http://hooks.example.com/c'
export const order: Readonly<Record<string, string>> = { callbackUrl: hook, item: 'tea' }
export const created: Behaviour = {
  answer: { kind: 'json', status: 201, headers: { Location: '/orders/o1' }, body: { id: 'o1' } },
}
export const canaryUrl: string = 'http://hooks.example.com/canary'

export type Routes = AppOptions['behaviours']

export interface Bench {
  readonly sink: Sink
  begin(routes: Routes, callbacks?: Partial<CallbackOptions>, app?: Partial<AppOptions>): Promise<number>
  /** Without the middleware. */
  bare(routes: Routes, app?: Partial<AppOptions>): Promise<number>
  /** Sends one request that is followed by a callback. What came before it and has not fired by then never does. */
  canary(port: number): Promise<void>
}

const canaryRoute: Routes[number] = ['GET', '/orders', { answer: { kind: 'json', status: 200, body: [] } }]

/** Servers of a harness below `/v1`, for one test each. */
export function benchOf(harness: Harness): Bench {
  let sink = new Sink()
  let servers: Running[] = []
  beforeEach(() => {
    sink = new Sink()
  })
  afterEach(async () => {
    await Promise.all(servers.map((server) => server.stop()))
    servers = []
  })

  const start = async (options: AppOptions): Promise<number> => {
    const server = await harness.start({ mount: '/v1', ...options })
    servers.push(server)
    return server.port
  }
  return {
    get sink() {
      return sink
    },
    begin(routes, { handlers, ...more } = {}, app = {}) {
      const callbacks: CallbackOptions = {
        description: document,
        fire: sink.fire,
        onError: sink.onError,
        onStart() {},
        handlers:
          more.description === undefined ? { listOrders: { listed: () => ({ body: {} }) }, ...handlers } : (handlers ?? {}),
        ...more,
      }
      return start({ behaviours: [...routes, canaryRoute], callbacks, ...app })
    },
    bare: (routes, app = {}) => start({ behaviours: [...routes, canaryRoute], callbacks: undefined, ...app }),
    async canary(port) {
      const before = sink.requests.filter(({ url }) => url === canaryUrl).length
      await talk(port, rawRequest('GET', `/v1/orders?callback=${encodeURIComponent(canaryUrl)}`))
      while (sink.requests.filter(({ url }) => url === canaryUrl).length === before) await sink.reaches(sink.count + 1)
    },
  }
}

/** Sends back all that it sees. */
export function echo({ exchange }: HandlerContext): { body: unknown } {
  const { request, response } = exchange
  return { body: { asked: request.body, answered: response.body, query: request.query, status: response.status } }
}
