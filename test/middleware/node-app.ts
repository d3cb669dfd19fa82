import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import compression from 'compression'
import { nodeCallbacks, type RequestCallbacks } from 'ringback/node'
import { type AppOptions, answerPast, type Behaviour, type Harness, watchEnd } from './app.ts'
import { everything, running, serverOf } from './servers.ts'

const noCallbacks = { send() {} } as unknown as RequestCallbacks

export const nodeHarness: Harness = {
  name: 'node:http',
  lacks: ['compression-before', 'parser-before'],
  async start({ behaviours, callbacks, second, compression: place, before = async () => {}, mount = '', http2 }) {
    const routes = behaviours.map(([method, path, behaviour]) => ({ method, pattern: patternOf(mount + path), behaviour }))
    const compress = compression({ threshold: 0 })
    const listener = (request: IncomingMessage, response: ServerResponse, scope: RequestCallbacks): void => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost')
      const found = routes.find(({ method, pattern }) => method === methodOf(request) && pattern.test(pathname))
      const go = (): void => {
        if (found === undefined) response.writeHead(404).end('not found')
        else
          act(found.behaviour, request, response, scope).catch((error: Error) => {
            if (response.headersSent) response.destroy()
            else response.writeHead(500, { 'content-type': 'text/plain' }).end(error.message)
          })
      }
      if (place === undefined) go()
      else compress(request as never, response as never, go)
    }
    const handle =
      callbacks === undefined
        ? (request: IncomingMessage, response: ServerResponse) => listener(request, response, noCallbacks)
        : nodeCallbacks(second === undefined ? listener : nodeCallbacks(listener, second), callbacks)
    return running(serverOf((request, response) => void before(request).then(() => handle(request, response)), http2))
  },
}

function methodOf({ method }: IncomingMessage): string {
  return method === 'HEAD' ? 'GET' : (method ?? 'GET')
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
}

async function act(
  behaviour: Behaviour,
  request: IncomingMessage,
  response: ServerResponse,
  scope: RequestCallbacks,
): Promise<void> {
  const { reads = 'parsed', use, answer } = behaviour
  watchEnd(behaviour, request, response)
  let body: unknown
  if (reads !== 'nothing') {
    const bytes = await everything(request)
    const isJson = reads === 'parsed' && request.headers['content-type'] === 'application/json'
    body = isJson && bytes.length > 0 ? JSON.parse(String(bytes)) : bytes
  }
  await use?.(scope, body)
  if (answer.kind === 'throw') throw new Error(answer.message)
  if (answer.kind === 'hijack') {
    answerPast(answer, response)
    return
  }
  const { status, headers } = answer
  switch (answer.kind) {
    case 'json':
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(answer.body))
      return
    case 'text':
      response.writeHead(status, { 'Content-Type': 'text/plain', ...headers })
      response.end(answer.body)
      return
    case 'bytes':
      response.writeHead(status, { 'Content-Type': 'application/octet-stream', ...headers }).end(answer.body)
      return
    case 'empty':
      response.writeHead(status, headers).end()
      return
    case 'stream':
      response.writeHead(status, headers)
      await pipeline(answer.chunks(), response)
  }
}

export type { AppOptions }
