import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { buildCallbackRequest, type CallbackTarget, descriptionIdOf, readDescription, resolveCallbacks } from 'ringback'
import type { OpenApiDescription } from 'ringback/openapi'
import { afterAll, describe, expect, test } from 'vitest'
import fc from '../support/fast-check.ts'
import { descriptionWith, descriptionWithKey } from './support.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
mkdirSync(join(root, '.cache'), { recursive: true })
const folder = mkdtempSync(join(root, '.cache/stored-'))
afterAll(() => rmSync(folder, { recursive: true }))

const document = `
openapi: 3.1.0
info: { title: Jobs, version: '1' }
paths:
  /jobs:
    post:
      operationId: createJob
      callbacks:
        done:
          '{$request.body#/url}/{$request.body#/id}':
            post:
              requestBody: { content: { application/json: { schema: { type: object, required: [state] } } } }
              responses: { '204': { description: ok } }
`
const exchange = { id: 'job-1', request: { body: { url: 'https://client.example', id: 1 } } }

describe('a target', () => {
  test('is JSON, is read in another process, and calls the same there', async () => {
    const path = join(folder, 'openapi.yaml')
    writeFileSync(path, document)
    const description = await readDescription(path)
    const [callback] = resolveCallbacks(description, 'createJob', exchange)
    if (!callback?.target.ok) throw new Error('no target')
    expect(JSON.parse(JSON.stringify(callback.target.value))).toEqual(callback.target.value)
    writeFileSync(join(folder, 'target.json'), JSON.stringify(callback.target.value))

    const script = join(folder, 'later.mjs')
    await build({
      stdin: {
        contents: `
          import { readFileSync } from 'node:fs'
          import { buildCallbackRequest, readDescription } from '${root}/src/index.ts'
          const target = JSON.parse(readFileSync('target.json', 'utf8'))
          let refused
          try { buildCallbackRequest(target, { body: { state: 'done' } }) } catch (error) { refused = error.name + ': ' + error.message }
          const description = await readDescription('openapi.yaml')
          const request = buildCallbackRequest(target, { body: { state: 'done' }, description })
          console.log(JSON.stringify({ refused, request: { ...request, body: Buffer.from(request.body).toString() } }))`,
        resolveDir: root,
        loader: 'ts',
      },
      outfile: script,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    })
    const later = JSON.parse(execFileSync(process.execPath, [script], { cwd: folder, encoding: 'utf8' }))

    expect(later.refused).toMatch(/^TypeError: Expected the option "description": the target was made in another process/)
    const now = buildCallbackRequest(callback.target.value, { body: { state: 'done' } })
    expect(later.request).toEqual({ ...now, body: '{"state":"done"}' })
    expect(later.request.url).toBe('https://client.example/1')
  })

  test('is used with a description that has changed since, as long as the callback is there', async () => {
    const old = await readDescription(document)
    const [callback] = resolveCallbacks(old, 'createJob', exchange)
    if (!callback?.target.ok) throw new Error('no target')
    const target = callback.target.value
    const options = { body: { state: 'done' } }
    const moved = await readDescription(document.replace('/jobs', '/v2/jobs'))
    const request = buildCallbackRequest(target, { ...options, description: moved })
    expect(request).toEqual(buildCallbackRequest(target, { ...options, description: old }))
    for (const gone of [document.replace('done:', 'over:'), document.replace('createJob', 'x').replace('/jobs', '/v2')]) {
      const description = await readDescription(gone)
      expect(() => buildCallbackRequest(target, { ...options, description })).toThrow(
        /^Expected a description with the callback of the target but <text> has no POST under .* in the callback "done" of createJob\.$/,
      )
    }
  })

  const operation = (operationId: string | undefined, done: string | undefined, mark: string) => ({
    post: {
      operationId,
      callbacks: {
        done: {
          '{$request.body#/url}': {
            post: { operationId: done, requestBody: { content: { 'application/json': { example: mark } } }, responses: {} },
          },
        },
      },
    },
  })
  const empty = { post: { operationId: 'createJob' } }
  const CHANGED: [name: string, done: string | undefined, paths: object, mark: string | undefined][] = [
    ['nothing', 'onDone', { '/jobs': operation('createJob', 'onDone', 'right') }, 'right'],
    [
      'another operation took the path',
      undefined,
      { '/jobs': operation('listJobs', undefined, 'wrong'), '/v2': operation('createJob', undefined, 'right') },
      'right',
    ],
    [
      'the two changed places',
      'onDone',
      { '/jobs': operation('listJobs', 'onListed', 'wrong'), '/v2': operation('createJob', 'onDone', 'right') },
      'right',
    ],
    [
      'the callback moved to another operation',
      'onDone',
      { '/jobs': operation('createJob', 'other', 'wrong'), '/v2': operation('startJob', 'onDone', 'right') },
      'right',
    ],
    ['the callback has another id', 'onDone', { '/jobs': operation('createJob', 'finished', 'right') }, 'right'],
    ['both have other ids', 'onDone', { '/jobs': operation('addJob', 'finished', 'right') }, 'right'],
    [
      'the operation moved and lost the callback',
      undefined,
      { '/jobs': operation('listJobs', undefined, 'wrong'), '/v2': empty },
      undefined,
    ],
    ['the same, and its id is gone', 'onDone', { '/jobs': operation('listJobs', 'onListed', 'wrong'), '/v2': empty }, undefined],
  ]
  test.each(CHANGED)('finds its operation when this has changed: %s', async (_, done, paths, mark) => {
    const described = (used: object): Promise<OpenApiDescription> =>
      readDescription({ openapi: '3.1.0', info: { title: 'J', version: '1' }, paths: used })
    const old = await described({ '/jobs': operation('createJob', done, 'old') })
    const [callback] = resolveCallbacks(old, 'createJob', exchange)
    if (!callback?.target.ok) throw new Error('no target')
    const { value: target } = callback.target
    const description = await described(paths)
    if (mark === undefined) {
      expect(() => buildCallbackRequest(target, { description })).toThrow(
        'Expected a description with the callback of the target',
      )
      return
    }
    const { body } = buildCallbackRequest(target, { description, example: true })
    expect(new TextDecoder().decode(body)).toBe(JSON.stringify(mark))
  })

  const STRANGE: [target: unknown, message: string][] = [
    [undefined, 'Expected a callback target of version 1 but found something else.'],
    [{}, 'Expected a callback target of version 1 but found something else.'],
    [{ version: 2 }, 'Expected a callback target of version 1 but found version 2.'],
    [{ version: 1, url: 'https://a.example' }, 'parts of it are missing'],
  ]
  test.each(STRANGE)('%j is none', (target, message) => {
    expect(() => buildCallbackRequest(target as CallbackTarget)).toThrow(message)
    expect(() => buildCallbackRequest(target as CallbackTarget)).toThrow(TypeError)
  })
})

describe('ids', () => {
  const callbacks = {
    a: { '{$request.body#/url}': { post: {}, put: {} }, '{$request.body#/url}/': { post: {} } },
    b: { '{$request.body#/urls}': { post: {} } },
  }
  const idsOf = (exchangeId: string, body: object): string[] =>
    resolveCallbacks(descriptionWith(callbacks), 'createThing', { id: exchangeId, request: { body } }, { fanOut: true }).flatMap(
      ({ target }) => (target.ok ? buildCallbackRequest(target.value, { description: descriptionWith(callbacks) }).id : []),
    )

  test('are the same for the same exchange, and different for everything else', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: 'binary' }),
        fc.array(fc.webUrl(), { minLength: 1, maxLength: 5 }),
        (id, urls) => {
          const body = { url: urls[0], urls }
          const ids = idsOf(id, body)
          expect(ids).toEqual(idsOf(id, body))
          expect(new Set(ids).size).toBe(ids.length)
          expect(ids).toHaveLength(3 + urls.length)
          for (const one of ids) expect(one).toMatch(/^[!-\-/-~]{1,200}$/)
          expect(idsOf(`${id}.`, body).some((one) => ids.includes(one))).toBe(false)
        },
      ),
      { numRuns: 50 },
    )
  })

  test('of descriptions depend on what is written, not on where it stands or how it was given', async () => {
    const path = join(folder, 'same.yaml')
    writeFileSync(path, document)
    expect(descriptionIdOf(await readDescription(path))).toBe(descriptionIdOf(await readDescription(document)))
    expect(descriptionIdOf(await readDescription(`${document} `))).not.toBe(descriptionIdOf(await readDescription(document)))
    const entry = join(folder, 'entry.yaml')
    writeFileSync(entry, `${document}components: { schemas: { S: { $ref: 'other.yaml' } } }\n`)
    const ofFiles: string[] = []
    for (const content of ['a', 'b', 'a']) {
      writeFileSync(join(folder, 'other.yaml'), `title: ${content}\n`)
      ofFiles.push(descriptionIdOf(await readDescription(entry)))
    }
    expect(ofFiles[0]).toBe(ofFiles[2])
    expect(ofFiles[0]).not.toBe(ofFiles[1])
    const object = { openapi: '3.1.0', info: { title: 'O', version: '1' }, paths: {} }
    const id = descriptionIdOf(await readDescription(structuredClone(object)))
    expect(descriptionIdOf(await readDescription(object))).toBe(id)
    expect(descriptionIdOf(await readDescription({ ...object, paths: { '/a': {} } }))).not.toBe(id)
    const cyclic: Record<string, unknown> = { ...object }
    cyclic['x-self'] = cyclic
    expect(descriptionIdOf(await readDescription(cyclic))).not.toBe(id)
  })

  test('are visible in the request with where it came from, and no value of the exchange', () => {
    const description = descriptionWithKey('https://a.example/{$request.body#/secret}')
    const [callback] = resolveCallbacks(description, 'createThing', { id: 'x', request: { body: { secret: 's3cret' } } })
    const request = callback?.target.ok ? buildCallbackRequest(callback.target.value) : undefined
    expect(request?.metadata).toEqual({
      descriptionId: descriptionIdOf(description),
      exchangeId: 'x',
      operation: '#/paths/~1things/post',
      operationId: 'createThing',
      callback: 'event',
      key: 'https://a.example/{$request.body#/secret}',
      callbackOperation: '#/paths/~1things/post/callbacks/event/https:~1~1a.example~1{$request.body#~1secret}/post',
    })
  })
})
