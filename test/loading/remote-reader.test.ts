import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { callbacksOf, operationsOf, readDescription, remoteReader } from 'ringback'
import { publicInternet } from 'ringback/dispatcher'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let server: Server
let origin: string
const asked: string[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (request.url === '/redirect.yaml') return response.writeHead(302, { location: '/callbacks.yaml' }).end()
    if (request.url === '/large.yaml') return response.end('a'.repeat(5000))
    if (request.url !== '/callbacks.yaml') return response.writeHead(404).end()
    return response.end("onDone:\n  '{$request.body#/url}': { post: { operationId: done } }\n")
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const referring = (file: string): string => `openapi: 3.1.0
paths:
  /a: { post: { callbacks: { onDone: { $ref: '${origin}/${file}#/onDone' } } } }
`

const loopback = remoteReader({ policy: publicInternet({ devLoopback: true }), maxBytes: 1000 })

async function failureOf(file: string, options: object): Promise<string | undefined> {
  const description = await readDescription(referring(file), options)
  const [operation] = operationsOf(description)
  if (operation === undefined) throw new Error('expected an operation')
  return callbacksOf(operation)[0]?.failure?.message
}

describe('references to the network', () => {
  test('are not followed unless allowed', async () => {
    asked.length = 0
    expect(await failureOf('callbacks.yaml', {})).toContain('reading from there is off')
    expect(asked).toEqual([])
  })

  test('are followed where the policy allows it', async () => {
    expect(await failureOf('callbacks.yaml', { allowRemote: true, remoteReader: loopback })).toBeUndefined()
  })

  test('are refused by default where they lead to this machine', async () => {
    asked.length = 0
    expect(await failureOf('callbacks.yaml', { allowRemote: true })).toContain('the URL policy refuses it')
    expect(asked).toEqual([])
  })

  test.each([
    ['none.yaml', 'expected the status 200 but found 404'],
    ['redirect.yaml', 'expected the status 200 but found 302'],
    ['large.yaml', 'larger than 1000 bytes'],
  ])('%s: %s', async (file, message) => {
    expect(await failureOf(file, { allowRemote: true, remoteReader: loopback })).toContain(message)
  })
})
