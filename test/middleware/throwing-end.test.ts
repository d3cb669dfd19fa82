import type { ServerResponse } from 'node:http'
import { createDispatcher, memoryStore } from 'ringback/dispatcher'
import { describe, expect, test } from 'vitest'
import { benchOf, echo } from './bench.ts'
import { harnesses } from './harnesses.ts'
import { askHttp2 } from './http2-client.ts'
import { rawRequest, talk, undated } from './raw-client.ts'
import { durable } from './wire-contract.ts'

const otherLength = 'with another length than was said'
type End = (response: ServerResponse) => unknown

const ENDS: [name: string, versions: readonly (1 | 2)[], end: End][] = [
  ['with what is no content', [1, 2], (response) => response.end({ id: 1 } as never)],
  [
    otherLength,
    [1],
    (response) => {
      response.strictContentLength = true
      response.setHeader('content-length', 3)
      response.end('abcd')
    },
  ],
  ['with a field that is none', [1], (response) => response.writeHead(200, { 'a b': '1' }).end()],
  ['with a field that HTTP/2 does not have', [2], (response) => set(response, 'transfer-encoding', 'chunked').end('x')],
  ['with two types', [2], (response) => set(response, 'content-type', ['a/b', 'c/d']).end('x')],
]

/** With HTTP/2 it does not answer the response. */
function set(response: ServerResponse, name: string, value: string | string[]): ServerResponse {
  response.setHeader(name, value)
  return response
}

function clear(response: ServerResponse): void {
  if (!response.headersSent) for (const name of response.getHeaderNames()) response.removeHeader(name)
}

const FALLBACKS: [name: string, isSent: boolean, fallback: End][] = [
  [
    'an error',
    false,
    (response) => {
      clear(response)
      response.statusCode = 500
      response.end('sorry')
    },
  ],
  [
    'what is right',
    true,
    (response) => {
      clear(response)
      response.statusCode = 200
      response.end('right')
    },
  ],
  ['nothing', false, (response) => response.destroy()],
]

const cases = ENDS.flatMap(([name, versions, end]) =>
  versions.flatMap((version) =>
    // What has begun cannot be begun again.
    FALLBACKS.filter(([other]) => name !== otherLength || other === 'nothing').map(
      ([other, isSent, fallback]) => [name, version, other, isSent, end, fallback] as const,
    ),
  ),
)

for (const harness of harnesses.filter(({ lacks }) => !lacks?.includes('hijack'))) {
  describe(`${harness.name}: an end that throws`, () => {
    const bench = benchOf(harness)
    test.each(cases)('%s, HTTP/%i, then %s', async (_name, version, _other, isSent, end, fallback) => {
      if (version === 2 && harness.lacks?.includes('http2')) return
      const by = (response: ServerResponse): void => {
        try {
          end(response)
        } catch {
          fallback(response)
        }
      }
      const routes = [['POST', '/echo', { answer: { kind: 'hijack', status: 200, body: '', by } }]] as const
      const dispatcher = createDispatcher({ store: durable(memoryStore()) })
      const app = { http2: version === 2 }
      const handlers = { echo: { echoed: echo } }
      const asked = rawRequest('POST', '/v1/echo', { headers: { 'Content-Type': 'text/plain' }, body: 'hello' })
      const ask = async (port: number): Promise<string> =>
        version === 2 ? askHttp2(port, '/v1/echo', 'hello') : undated(await talk(port, asked))
      const wanted = await ask(await bench.bare(routes, app))
      const got = await ask(await bench.begin(routes, { fire: 'enqueue', dispatcher, handlers }, app))
      expect(got).toBe(wanted)
      const states = (await dispatcher.list()).map(({ state }) => state)
      // What has begun to go out may not be mended.
      const isWhole = isSent && wanted.includes('right')
      expect(states.filter((state) => state !== 'cancelled')).toEqual(isWhole ? ['pending'] : [])
      if (!isWhole) return
      const [delivery] = await dispatcher.list()
      expect(JSON.parse(Buffer.from(delivery?.request.body ?? []).toString())).toMatchObject({ status: 200 })
    })
  })
}
