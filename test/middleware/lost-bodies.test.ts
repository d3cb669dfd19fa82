import type { HandlerContext } from 'ringback/node'
import { describe, expect, test } from 'vitest'
import type { Answer, Behaviour } from './app.ts'
import { benchOf, created, hook, type Routes } from './bench.ts'
import { harnesses } from './harnesses.ts'
import { jsonPost, rawRequest, talk } from './raw-client.ts'

const large = 'x'.repeat(300_000)
const text: Answer = { kind: 'text', status: 200, body: large }
const upload = rawRequest('POST', '/v1/echo', { headers: { 'Content-Type': 'text/plain' }, body: large })

type Reads = (exchange: HandlerContext['exchange']) => unknown
const READS: [name: string, read: Reads, told: string[]][] = [
  ['nothing', () => {}, []],
  ['what is no body', ({ id, request, response }) => [id, request.headers, request.query, response.status], []],
  ['the body of the request', ({ request }) => request.body, ['request']],
  ['the body of the response', ({ response }) => response.body, ['response']],
  ['both', ({ request, response }) => [request.body, response.body], ['request', 'response']],
  ['one twice', ({ request }) => [request.body, request.body], ['request']],
  ['one by a copy', ({ request }) => ({ ...request }), ['request']],
  ['both by JSON', (exchange) => JSON.stringify(exchange), ['request', 'response']],
]

for (const harness of harnesses) {
  describe(`${harness.name}: bodies that are larger than what is kept`, () => {
    const bench = benchOf(harness)
    const kinds = (): unknown[] => bench.sink.problems.map((problem) => problem.kind === 'body' && [problem.of, problem.reason])

    test.each(READS)('are told when a handler reads them: %s', async (_name, read, told) => {
      const echoed = ({ exchange }: HandlerContext): { body: object } => {
        read(exchange)
        return { body: {} }
      }
      const port = await bench.begin([['POST', '/echo', { reads: 'raw', answer: text }]], { handlers: { echo: { echoed } } })
      await talk(port, upload)
      await bench.sink.reaches(1 + told.length)
      expect(bench.sink.urls()).toHaveLength(1)
      expect(kinds()).toEqual(told.map((of) => [of, 'too-large']))
    })

    test.each(['/echo', '/echo?a=1', '/orders'])('every view has the same own members: %s', async (path) => {
      const members: unknown[] = []
      const look = ({ exchange }: HandlerContext): undefined => {
        const { request, response } = exchange
        members.push(Object.keys(request), Object.keys({ ...request }), Object.keys(response))
      }
      const routes: Routes = [
        ['POST', '/echo', { reads: 'raw', answer: text }],
        ['POST', '/orders', created],
      ]
      const port = await bench.begin(routes, { handlers: { echo: { echoed: look }, createOrder: { orderAccepted: look } } })
      await talk(port, jsonPost(`/v1${path}`, { callbackUrl: hook }))
      await bench.canary(port)
      const asked = ['headers', 'body', 'method', 'url', 'path', 'query']
      expect(members).toEqual([asked, asked, ['headers', 'body', 'status']])
    })

    test('are told once when a key reads them, whoever else does', async () => {
      const use: Behaviour['use'] = async (callbacks) => {
        expect(await callbacks.target('orderAccepted')).toBeUndefined()
        expect(await callbacks.target('orderAccepted')).toBeUndefined()
      }
      const orderAccepted = (): undefined => undefined
      const port = await bench.begin([['POST', '/orders', { ...created, reads: 'raw', use }]], {
        handlers: { createOrder: { orderAccepted } },
      })
      await talk(port, jsonPost('/v1/orders', { callbackUrl: hook, large }))
      await bench.canary(port)
      expect(kinds().filter(Boolean)).toEqual([['request', 'too-large']])
    })

    test('"when" sees all of the exchange without a handler too', async () => {
      const seen: unknown[] = []
      const use: Behaviour['use'] = (callbacks) => callbacks.send('echoed', { body: {} })
      const answer: Answer = { kind: 'json', status: 200, headers: { 'x-made': 'yes' }, body: { id: 1 } }
      const port = await bench.begin([['POST', '/echo', { use, answer }]], {
        when({ request, response }) {
          seen.push(request.body, response.body, response.headers['x-made'])
          return true
        },
      })
      await talk(port, rawRequest('POST', '/v1/echo', { headers: { 'Content-Type': 'text/plain' }, body: 'hello' }))
      await bench.sink.reaches(1)
      expect(seen).toEqual(['hello', { id: 1 }, 'yes'])
    })
  })
}
