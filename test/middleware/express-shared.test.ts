import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import {
  createServer,
  request as httpRequest,
  IncomingMessage,
  type RequestListener,
  type Server,
  ServerResponse,
} from 'node:http'
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
    'with a layer of its own over what all applications have',
    (app, callbacks) => {
      Object.setPrototypeOf(app.response, Object.assign(Object.create(express.response), { hello() {} }))
      Object.setPrototypeOf(app.request, Object.assign(Object.create(express.request), { hello() {} }))
      app.use(callbacks, express.json())
      answer(app)
    },
  ],
  [
    'with such a layer, mounted in one without',
    (app, callbacks) => {
      const inner = express()
      Object.setPrototypeOf(inner.response, Object.assign(Object.create(express.response), { hello() {} }))
      Object.setPrototypeOf(inner.request, Object.assign(Object.create(express.request), { hello() {} }))
      const { info, openapi } = description
      const other = { openapi, info, paths: { '/orders': { post: operation('http://hooks.example.com/none') } } }
      inner.use(callbacks, express.json())
      answer(inner)
      app.use(expressCallbacks({ description: other, fire() {}, onStart() {} }), inner)
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

test('a copy of the prototype that all responses have in common leads to what it stands on, and to what stood in it', async () => {
  const options = { description, fire() {}, onStart() {} }
  const port = async (app: Express): Promise<string> => {
    await server?.stop()
    server = await running(createServer(app as RequestListener))
    return `http://127.0.0.1:${server.port}/notes`
  }
  const body = (_request: unknown, response: ServerResponse): void => void response.end('{}')
  await fetch(await port(express().use(expressCallbacks(options), body)), { method: 'POST' })
  class Base extends ServerResponse {
    override end(...given: unknown[]): this {
      this.setHeader('x-base', 'yes')
      return super.end(...(given as []))
    }
  }
  for (const callbacks of [[], [expressCallbacks(options)]]) {
    const app = express().use(express.json(), ...callbacks, body)
    const copy = Object.create(Base.prototype, Object.getOwnPropertyDescriptors(express.response))
    app.response = Object.create(copy, { app: { value: app } })
    const url = await port(app)
    for (let i = 0; i < 2; i++) expect((await fetch(url, { method: 'POST' })).headers.get('x-base')).toBe('yes')
  }
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
      response.status(201).setHeader('x-late', 'yes')
      Object.assign(response, { session: {} })
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

  test('are those that every request gets from Express', async () => {
    const names = (message: object): string[] =>
      Reflect.ownKeys(message)
        .map(String)
        .filter((key) => key !== '_eventsCount')
        .sort()
    const seen: unknown[] = []
    const note: RequestHandler = (request, response, next) => {
      seen.push([names(request), names(response)])
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
    // The third request of each server, at three places. What it has of us stands in the prototype.
    expect(seen.slice(15, 18)).toEqual(seen.slice(6, 9))
  })

  const watched: unknown[] = []
  const watch = (prototype: object): void => {
    Object.defineProperty(prototype, 'sendDate', { get: () => true, set: (value: unknown) => void watched.push(value) })
  }
  /** Answers most requests for an application, and tells whether they are those of Express already. */
  const standBefore = (app: object): void => {
    const { handle } = app as { handle: (...given: unknown[]) => void }
    Object.assign(app, {
      handle(this: unknown, ...[request, response, next]: [object, ServerResponse, unknown]) {
        if (Reflect.get(request, 'url') === '/orders') handle.call(this, request, response, next)
        else response.end('originalUrl' in request || 'json' in response ? 'of Express' : 'none')
      },
    })
  }
  const user = Symbol('user')
  type Callbacks = RequestHandler[]
  const builds: readonly [name: string, build: (callbacks: Callbacks) => Server][] = [
    [
      'an application whose requests and responses have members of its own',
      (callbacks) => {
        const app = create()
        Object.assign(app.response, { locals: { site: 'Shop' } })
        const values = new WeakMap<object, object>()
        Object.defineProperty(app.request, 'params', {
          get: function (this: object) {
            return values.get(this)
          },
          set: function (this: object, value) {
            values.set(this, { ...value, clean: true })
          },
        })
        app.use(...callbacks, express.json())
        app.post('/orders', (request, response) => void response.json([response.locals.site, request.params]))
        return createServer(app as RequestListener)
      },
    ],
    [
      'an application whose responses have a status message of its own',
      (callbacks) => {
        const app = create().use(...callbacks, (_request, response) => void response.end('x'))
        app.response.statusMessage = 'Fine'
        return createServer(app as RequestListener)
      },
    ],
    [
      'an application whose responses have something where Node keeps its own',
      (callbacks) => {
        const app = create().use(...callbacks, (_request, response) => void response.end(watched.splice(0).join()))
        watch(app.response)
        return createServer(app as RequestListener)
      },
    ],
    [
      'mistakes, whose stack is told',
      (callbacks) => {
        const app = create().use(create.json(), ...callbacks)
        app.post('/orders', (_request, response) => void response.set('x', 'a\nb'))
        app.post('/notes', (_request, response) => void response.end().json({}))
        app.use((error: Error, _request: object, response: ServerResponse, _next: unknown) => {
          const calls = error.stack?.match(/(?<= at )[\w.]+/g)?.filter((name) => name.startsWith('ServerResponse'))
          if (!response.headersSent) response.end(String(calls))
        })
        return createServer(app as RequestListener)
      },
    ],
    [
      'a class of its own for responses, that Express is told of',
      (callbacks) => {
        class Response extends ServerResponse {
          hello(): string {
            return `${this.req.url} ${this.constructor.name}`
          }
        }
        const app = create().use(
          ...callbacks,
          (_request, response) => void response.end(Reflect.get(response, 'hello').call(response)),
        )
        const own = Object.create(Response.prototype)
        for (const name of Reflect.ownKeys(create.response)) {
          Object.defineProperty(own, name, Object.getOwnPropertyDescriptor(create.response, name) as PropertyDescriptor)
        }
        app.response = Object.create(own, { app: { value: app, configurable: true } })
        return createServer({ ServerResponse: Response as never }, app as RequestListener)
      },
    ],
    [
      'a function that makes the responses',
      (callbacks) => {
        const app = create().use(...callbacks, (_request, response) => void response.end(String(Reflect.get(response, 'made'))))
        function make(...given: [IncomingMessage]): ServerResponse {
          return Object.assign(new ServerResponse(...given), { made: 'by a function' })
        }
        make.prototype = ServerResponse.prototype
        return createServer({ ServerResponse: make as never }, app as RequestListener)
      },
    ],
    [
      'an application before which something stands after a while',
      (callbacks) => {
        let count = 0
        const app = create().use(...callbacks, (_request, response, next) => {
          if (++count === 2) standBefore(app)
          response.end('app')
          next()
        })
        return createServer(app as RequestListener)
      },
    ],
    [
      'another application in the place of the first, after a while',
      (callbacks) => {
        const other = create().use(...callbacks, (_request, response) => void response.end('other'))
        let count = 0
        const http = createServer()
        const app = create().use(...callbacks, (_request, response) => {
          if (++count === 3) {
            const [first] = http.listeners('request')
            http.removeListener('request', first as RequestListener)
            http.on('request', other as RequestListener)
          }
          response.end('app')
        })
        return http.on('request', app as RequestListener)
      },
    ],
    [
      'a parser of the query that throws',
      (callbacks) => {
        const app = create()
        let count = 0
        app.set('query parser', () => {
          if (++count % 2 === 0) throw new RangeError('too deep')
          return {}
        })
        app.use(...callbacks, (request, response) => void response.json(request.query))
        app.use((error: Error, _request: object, response: ServerResponse, _next: unknown) => {
          response.end(`${error.message} ${'json' in response}`)
        })
        return createServer(app as RequestListener)
      },
    ],
    [
      'a server that takes no more members',
      (callbacks) => {
        const http = createServer(create().use(...callbacks, (_request, response) => void response.end('x')) as RequestListener)
        return http.once('listening', () => void Object.seal(http))
      },
    ],
    [
      'a channel that tells of requests before Express',
      (callbacks) => {
        const app = create().use(...callbacks, (_request, response) => void response.end(String(response.getHeader('x-seen'))))
        const tell = (message: unknown): void => {
          const { response } = message as { response: ServerResponse }
          response.setHeader('x-seen', String('json' in response))
        }
        const http = createServer(app as RequestListener)
        subscribe('http.server.request.start', tell)
        http.once('close', () => void unsubscribe('http.server.request.start', tell))
        return http
      },
    ],
    [
      'a mounted application whose responses have a status message of their own',
      (callbacks) => {
        const inner = create()
        inner.response.statusMessage = 'Fine'
        inner.post('/orders', (_request, response) => void response.end('x'))
        return createServer(create().use(...callbacks, create.Router().use(inner)) as RequestListener)
      },
    ],
    [
      'a router that contains itself',
      (callbacks) => {
        const router = create.Router()
        router.use('/child', router)
        router.post('/orders', (request, response) => void response.end(request.baseUrl))
        return createServer(create().use(...callbacks, router) as RequestListener)
      },
    ],
    [
      'two applications that are mounted in each other',
      (callbacks) => {
        const [one, other] = [create(), create()]
        one.use('/other', other)
        try {
          other.use('/one', one)
        } catch {
          // Express 5 finds it out, when it is done.
        }
        one.use(...callbacks, (_request, response) => void response.end('x'))
        return createServer(one as RequestListener)
      },
    ],
    [
      'a status that is set before Express, by what stands around the server',
      (callbacks) => {
        const http = createServer(create().use(...callbacks, (_request, response) => void response.end('x')) as RequestListener)
        const { emit } = http
        http.emit = function (this: Server, ...given: unknown[]) {
          const [name, , response] = given as [string, unknown, object]
          const statusMessage = 'json' in Object(response) ? 'Express' : 'Starting'
          if (name === 'request') Object.assign(response, { statusCode: 503, statusMessage })
          return emit.apply(this, given as never)
        } as typeof emit
        return http
      },
    ],
    [
      'an application whose responses map their status',
      (callbacks) => {
        const app = create().use(...callbacks, (_request, response) => void response.status(418).end('x'))
        const codes = new WeakMap<object, number>()
        Object.defineProperty(app.response, 'statusCode', {
          get: function (this: object) {
            return codes.get(this) ?? 200
          },
          set: function (this: object, code: number) {
            codes.set(this, code === 418 ? 400 : code)
          },
        })
        return createServer(app as RequestListener)
      },
    ],
    [
      'something in front of the application that answers for it',
      (callbacks) => {
        const app = create().use(...callbacks, (_request, response) => void response.end('app'))
        standBefore(app)
        return createServer(app as RequestListener)
      },
    ],
    [
      'members of a middleware before, with a symbol of its own',
      (callbacks) => {
        const app = create()
        app.use(
          (request, _response, next) => {
            const asked = Object.hasOwn(request, user)
            Object.defineProperty(request, user, { value: asked ? 'known' : 'new' })
            next()
          },
          ...callbacks,
        )
        app.post('/orders', (request, response) => void response.end(Reflect.get(request, user)))
        return createServer(app as RequestListener)
      },
    ],
    [
      'classes of its own for requests and responses',
      (callbacks) => {
        class Request extends IncomingMessage {
          get params(): object {
            return { own: true }
          }
          set params(_other: object) {}
        }
        const app = create().use(...callbacks, (request, response) => void response.json(request.params))
        return createServer({ IncomingMessage: Request }, app as RequestListener)
      },
    ],
    [
      'something beside Express, which asks whether Express has seen the request',
      (callbacks) => {
        const app = create().use(...callbacks, (_request, response) => void response.end('app'))
        return createServer((request, response) => {
          if (request.url === '/orders') app(request as never, response as never)
          else response.end('originalUrl' in request ? 'of Express' : 'none')
        })
      },
    ],
    [
      'listeners that come later',
      (callbacks) => {
        const http = createServer()
        const app = create().use(...callbacks, (_request, _response, next) => {
          if (http.listenerCount('request') < 3) {
            http.on('request', () => {})
            http.prependListener('request', (request, answer) =>
              answer.setHeader('x-seen', String('originalUrl' in request || 'json' in answer)),
            )
          }
          next()
        })
        app.use((_request, response) => void response.json(response.getHeader('x-seen') ?? 'none'))
        return http.on('request', app as RequestListener)
      },
    ],
    [
      'two applications, of which one has it',
      (callbacks) => {
        const one = create().use(...callbacks, (_request, response) => void response.end('one'))
        const other = create()
        Object.assign(other.response, { locals: { site: 'Shop' } })
        other.use((_request, response) => void response.json(response.locals))
        return createServer((request, response) => {
          const app = request.url === '/orders' ? one : other
          app(request as never, response as never)
        })
      },
    ],
  ]

  test.each(builds)('change nothing: %s', async (_row, build) => {
    const answers: string[][] = []
    for (const callbacks of [[], [expressCallbacks(options)]]) {
      server = await running(build(callbacks as Callbacks))
      const lines: string[] = []
      for (const path of ['/orders', '/orders', '/notes', '/orders', '/notes']) {
        const { status, statusText } = await fetch(`http://127.0.0.1:${server.port}${path}`, { method: 'POST' })
        lines.push(`${status} ${statusText} ${await ask(path)}`)
      }
      answers.push(lines)
      await server.stop()
    }
    expect(answers[1]).toEqual(answers[0])
  })

  test('are not seen by those who answer instead of Express', async () => {
    const app = create().use(expressCallbacks(options), (_request, response) => void response.end('app'))
    const http = createServer(app as RequestListener)
    http.on('checkContinue', (_request, response) => void response.end(String('json' in response)))
    server = await running(http)
    const { port } = server
    const expecting = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const asking = httpRequest({ port, method: 'POST', headers: { expect: '100-continue' } }, async (answered) => {
          const chunks = await answered.toArray()
          asking.destroy()
          resolve(Buffer.concat(chunks as Buffer[]).toString())
        })
        asking.on('error', reject).flushHeaders()
      })
    for (let i = 0; i < 3; i++) {
      expect(await ask('/notes')).toBe('app')
      expect(await expecting()).toBe('false')
    }
  })

  test('leave what Node answers by itself as it was, whatever the responses of the application do', async () => {
    const app = create()
    const give: RequestHandler = (_request, response, next) => {
      const { writeHead } = ServerResponse.prototype
      app.response.writeHead = function (this: ServerResponse, ...given: unknown[]) {
        this.setHeader('x-app', 'yes')
        return writeHead.apply(this, given as never)
      } as never
      response.removeHeader('x-powered-by')
      next()
    }
    app.use(expressCallbacks(options), give, (_request, response) => void response.end('app'))
    server = await running(createServer(app as RequestListener))
    const { port } = server
    const refused = (how: object): Promise<unknown[]> =>
      new Promise((resolve, reject) => {
        const asking = httpRequest({ port, ...how }, ({ statusCode, headers }) => {
          asking.destroy()
          resolve([statusCode, headers['x-app']])
        })
        asking.on('error', reject).end()
      })
    for (let i = 0; i < 3; i++) {
      expect(await ask('/notes')).toBe('app')
      expect(await refused({ headers: { expect: 'a miracle' } })).toEqual([417, undefined])
      expect(await refused({ setHost: false })).toEqual([400, undefined])
    }
  })

  test('need no listener, however many middlewares there are', async () => {
    const app = create()
    app.use(expressCallbacks(options), expressCallbacks(options))
    app.use((_request, response) => void response.end('x'))
    const http = createServer(app as RequestListener)
    server = await running(http)
    for (let i = 0; i < 3; i++) expect(await ask('/notes')).toBe('x')
    expect(http.listeners('request')).toEqual([app])
  })
})
