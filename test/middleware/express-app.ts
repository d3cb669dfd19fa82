import { createServer, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import compression from 'compression'
import express5, { type NextFunction, type Request, type Response } from 'express'
import express4 from 'express4'
import { expressCallbacks } from 'ringback/express'
import { answerPast, type Behaviour, colonPath, type Harness, watchEnd } from './app.ts'
import { everything, running } from './servers.ts'

export const express5Harness: Harness = harness('Express 5', express5)
export const express4Harness: Harness = harness('Express 4', express4)

function harness(name: string, express: typeof express5): Harness {
  return {
    name,
    routing: 'case-insensitive',
    lacks: ['http2'],
    async start({ behaviours, callbacks, second, routing, compression: place, parser = 'after', before, mount }) {
      const app = express()
      const options = { caseSensitive: routing === 'case-sensitive' }
      app.set('case sensitive routing', options.caseSensitive)
      const parse = [
        express.json({ type: ['json', '+json'] }),
        express.urlencoded({ extended: true }),
        express.text(),
        express.raw(),
      ]
      if (parser === 'before') app.use(parse)
      if (before !== undefined) app.use((request, _response, next) => void before(request).then(() => next(), next))
      if (place === 'before') app.use(compression({ threshold: 0 }))
      if (callbacks !== undefined) app.use(expressCallbacks(callbacks))
      if (second !== undefined) app.use(expressCallbacks(second))
      if (place === 'after') app.use(compression({ threshold: 0 }))
      const router = mount === undefined ? app : express.Router({ mergeParams: true, ...options })
      for (const [method, path, behaviour] of behaviours) {
        const parses = parser === 'after' && behaviour.reads !== 'raw' && behaviour.reads !== 'nothing' ? parse : []
        const handle = (request: Request, response: Response, next: NextFunction): void => {
          act(behaviour, request, response).catch(next)
        }
        const verb = method.toLowerCase() as 'get' | 'post'
        // The last part in a router of its own, so that its parameters are not those of the parent.
        const [, head = '', tail = ''] = /^(.*?)((?:\/items.*)?)$/.exec(path) ?? []
        if (tail === '') router[verb](colonPath(path), ...parses, handle)
        else router.use(colonPath(head), express.Router(options)[verb](colonPath(tail), ...parses, handle))
      }
      if (mount !== undefined) app.use(mount, router)
      app.use((error: Error, _request: Request, response: Response, next: NextFunction) => {
        if (response.headersSent) next(error)
        else response.status(500).type('text').send(error.message)
      })
      return running(createServer(app as (request: unknown, response: ServerResponse) => void))
    },
  }
}

async function act(behaviour: Behaviour, request: Request, response: Response): Promise<void> {
  const { reads, use, answer } = behaviour
  watchEnd(behaviour, request, response)
  const body: unknown = reads === 'raw' ? await everything(request) : request.body
  await use?.(request.callbacks, body)
  if (answer.kind === 'throw') throw new Error(answer.message)
  if (answer.kind === 'hijack') {
    answerPast(answer, response)
    return
  }
  response.status(answer.status).set(answer.headers ?? {})
  if (answer.kind === 'json') response.json(answer.body)
  else if (answer.kind === 'text') response.type('text').send(answer.body)
  else if (answer.kind === 'bytes') response.type('bin').send(Buffer.from(answer.body))
  else if (answer.kind === 'empty') response.end()
  else
    Readable.from(answer.chunks())
      .on('error', () => response.destroy())
      .pipe(response)
}
