import { createServer, type RequestListener, ServerResponse } from 'node:http'
import express, { type Express, type RequestHandler } from 'express'
import { expressCallbacks } from 'ringback/express'
import { afterEach, expect, test } from 'vitest'
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
