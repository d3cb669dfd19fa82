import { createServer, type IncomingMessage, type RequestListener, ServerResponse } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import express, { type Express, type RequestHandler } from 'express'
import express4 from 'express4'
import { expressCallbacks } from 'ringback/express'
import { afterEach, describe, expect, test } from 'vitest'
import type { Running } from './app.ts'
import { running } from './servers.ts'

let server: Running | undefined
afterEach(() => server?.stop())

const content = { 'application/json': { schema: { type: 'object' } } }
const operation = (key: string): object => ({
  requestBody: { content },
  responses: { 201: { description: 'Made.', content } },
  callbacks: { made: { [key]: { post: { requestBody: { content }, responses: { 204: { description: 'Taken.' } } } } } },
})
const description = {
  openapi: '3.1.0',
  info: { title: 'Orders', version: '1' },
  paths: {
    '/orders': { post: operation('{$request.body#/url}?id={$response.body#/id}') },
    '/notes': { post: operation('{$response.body#/url}') },
  },
}

type Build = (app: Express, callbacks: ReturnType<typeof expressCallbacks>) => void

const answer = (app: Express): unknown =>
  app.post(['/orders', '/notes'], (request, response) => {
    request.callbacks.send('made', { body: request.body })
    response.status(201).json({ id: request.body.id, url: `http://hooks.example.com/${request.body.id}` })
  })

// What stands where the members of all requests and responses of Express stand now.
const APPS: [name: string, build: Build][] = [
  [
    'as ever',
    (app, callbacks) => {
      app.use(callbacks, express.json())
      answer(app)
    },
  ],
  [
    'in a mounted application that passes the request on',
    (app, callbacks) => {
      app.use(express().use(callbacks))
      app.use(express.json())
      answer(app)
    },
  ],
  [
    'before a mounted application that answers',
    (app, callbacks) => {
      const inner = express().use(express.json())
      answer(inner)
      app.use(callbacks, inner)
    },
  ],
  [
    'twice, for two descriptions',
    (app, callbacks) => {
      const { info, openapi } = description
      const other = { openapi, info, paths: { '/others': description.paths['/orders'] } }
      app.use(expressCallbacks({ description: other, fire() {}, onStart() {} }), callbacks, express.json())
      answer(app)
    },
  ],
  [
    'between two that replace methods of the response',
    (app, callbacks) => {
      const replace: RequestListener = (_request, response) => {
        const { end, write } = response
        response.write = (...args: unknown[]) => write.apply(response, args as never)
        response.end = (...args: unknown[]) => end.apply(response, args as never)
      }
      const replacing: RequestHandler = (request, response, next) => {
        replace(request, response)
        next()
      }
      app.use(replacing, callbacks, replacing, express.json())
      answer(app)
    },
  ],
  [
    'with methods of its own, for all its responses',
    (app, callbacks) => {
      app.response.end = function (this: ServerResponse, ...args: unknown[]) {
        return ServerResponse.prototype.end.apply(this, args as never)
      } as never
      app.use(callbacks, express.json())
      answer(app)
    },
  ],
]

test.each(APPS)('each request and response has its own callbacks and bodies: %s', async (_name, build) => {
  const urls: string[] = []
  const problems: unknown[] = []
  const app = express()
  const options = { description, onStart() {}, onError: (problem: unknown) => void problems.push(problem) }
  build(app, expressCallbacks({ ...options, fire: ({ url }) => void urls.push(url) }))
  server = await running(createServer(app as RequestListener))
  const { port } = server
  const post = async (path: string, id: number): Promise<void> => {
    const body = JSON.stringify({ id, url: `http://hooks.example.com/r${id}` })
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
    expect(await response.json()).toEqual({ id, url: `http://hooks.example.com/${id}` })
  }
  await Promise.all(Array.from({ length: 20 }, (_, id) => post(id % 2 === 0 ? '/orders' : '/notes', id)))
  await expect.poll(() => urls.length).toBe(20)
  const expected = Array.from({ length: 20 }, (_, id) =>
    id % 2 === 0 ? `http://hooks.example.com/r${id}?id=${id}` : `http://hooks.example.com/${id}`,
  )
  expect(urls.sort()).toEqual(expected.sort())
  expect(problems).toEqual([])
})

test('what an application puts in the place of "callbacks", and what is put into the place of a method of Node, counts', async () => {
  const app = express()
  const { end } = ServerResponse.prototype
  let ended = 0
  app.use(expressCallbacks({ description, fire() {}, onStart() {} }))
  app.get('/own', (request, response) => {
    Object.assign(request, { callbacks: 'mine' })
    response.json(request.callbacks)
  })
  server = await running(createServer(app as RequestListener))
  try {
    ServerResponse.prototype.end = function (this: ServerResponse, ...args: unknown[]) {
      ended++
      return end.apply(this, args as never)
    } as typeof end
    const response = await fetch(`http://127.0.0.1:${server.port}/own`)
    expect(await response.json()).toBe('mine')
    expect(ended).toBe(1)
  } finally {
    ServerResponse.prototype.end = end
  }
})

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('%s: members that are there before Express sees a request', (_name, create) => {
  const options = { description, fire() {}, onStart() {} }
  const ask = async (path: string): Promise<string> => {
    const init = { method: 'POST', body: '{"id":1}', headers: { 'content-type': 'application/json' } }
    return (await fetch(`http://127.0.0.1:${server?.port}${path}`, init)).text()
  }

  test('make the requests, and the responses, alike to V8', async () => {
    setFlagsFromString('--allow-natives-syntax')
    const sameClass = new Function('one', 'other', 'return %HaveSameMap(one, other)') as (one: object, other: object) => boolean
    const met: [request: IncomingMessage, response: ServerResponse][] = []
    const app = create()
    app.use(expressCallbacks(options))
    // Two that are at the same place at the same time: each has another class later.
    app.use((request, response) => {
      met.push([request, response])
      const [one, other] = met
      if (one === undefined || other === undefined) return
      const alike = [sameClass(one[0], other[0]), sameClass(one[1], other[1])]
      for (const [, answer] of met.splice(0)) answer.end(JSON.stringify(alike))
    })
    server = await running(createServer(app as RequestListener))
    const both = (): Promise<string[]> => Promise.all([ask('/orders'), ask('/orders')])
    await both()
    expect(await both()).toEqual(['[true,true]', '[true,true]'])
  })

  test('are no others than those of every request, and those that nobody asks for but by their value', async () => {
    const reserved = ['callbacks', 'route', '_eventsCount', 'statusCode', 'statusMessage']
    const membersOf = (message: object): string[] =>
      Reflect.ownKeys(message)
        .map(String)
        .filter((key) => !reserved.includes(key))
        .sort()
    const seen: unknown[] = []
    const note: RequestHandler = (request, response, next) => {
      const { statusCode, statusMessage } = response
      seen.push([membersOf(request), membersOf(response), request.route?.path, statusCode, statusMessage])
      next()
    }
    for (const own of [[], [expressCallbacks(options)]]) {
      const app = create()
      app.use(...own, note, create.json(), note)
      app.post('/orders', note, (request, response) => void response.json(request.body))
      server = await running(createServer(app as RequestListener))
      for (let i = 0; i < 3; i++) expect(await ask('/orders')).toBe('{"id":1}')
      await server.stop()
    }
    // The third request of each server, at three places.
    expect(seen.slice(15, 18)).toEqual(seen.slice(6, 9))
  })

  test('are left alone where the application has classes of its own that do not have them', async () => {
    class Response extends ServerResponse {
      get locals(): object {
        return { own: true }
      }
    }
    const app = create()
    app.use(expressCallbacks(options), (_request, response) => void response.json(response.locals))
    const http = createServer({ ServerResponse: Response as typeof ServerResponse }, app as RequestListener)
    server = await running(http)
    // Express gives it another prototype.
    for (let i = 0; i < 3; i++) expect(await ask('/orders')).toBe('{}')
    expect(http.listenerCount('request')).toBe(1)
  })

  test('are reserved once for a server, whatever stands on it', async () => {
    const app = create()
    app.use(expressCallbacks(options), expressCallbacks(options))
    app.use((_request, response) => void response.end('x'))
    const http = createServer(app as RequestListener)
    server = await running(http)
    for (let i = 0; i < 3; i++) expect(await ask('/notes')).toBe('x')
    expect(http.listenerCount('request')).toBeLessThanOrEqual(2)
  })
})
