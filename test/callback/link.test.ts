import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readDescription, resolveLink } from 'ringback'
import { linksOf, operationsOf, parseDescription, responsesOf } from 'ringback/openapi'
import { describe, expect, test } from 'vitest'

const exchange = {
  id: 'x',
  request: {
    method: 'POST',
    url: 'https://api.example/users',
    headers: { Accept: 'text/plain' },
    query: { tag: ['a', 'b'] },
    body: { name: 'bob' },
  },
  response: { status: 201, headers: { Location: '/users/7' }, body: { id: 7, address: { city: 'Rome' } } },
}

function resolved(link: unknown, components: object = {}) {
  const description = parseDescription(
    JSON.stringify({
      openapi: '3.1.0',
      info: { title: 'L', version: '1' },
      paths: {
        '/users': { post: { responses: { 201: { description: '', links: { next: link } } } } },
        '/users/{id}': {
          parameters: [{ name: 'id', in: 'path', required: true }],
          get: {
            operationId: 'getUser',
            parameters: [
              { name: 'q', in: 'query' },
              { name: 'x', in: 'query' },
              { name: 'x', in: 'header' },
            ],
            responses: {},
          },
        },
      },
      components,
    }),
  )
  const [one] = operationsOf(description).flatMap(responsesOf).flatMap(linksOf)
  if (one === undefined) throw new Error('no link')
  return resolveLink(description, one, exchange)
}

describe('parameters', () => {
  const PARAMETERS: [parameters: object, expected: object][] = [
    [{ id: '$response.body#/id' }, { path: { id: 7 } }],
    [{ 'path.id': '$response.body#/id' }, { path: { id: 7 } }],
    [{ q: '$request.query.tag' }, { query: { q: ['a', 'b'] } }],
    [{ q: 'constant' }, { query: { q: 'constant' } }],
    [{ q: 7 }, { query: { q: 7 } }],
    [{ q: '{$method} {$statusCode} {$request.header.accept}' }, { query: { q: 'POST 201 text/plain' } }],
    [{ q: '$url' }, { query: { q: 'https://api.example/users' } }],
    [
      { 'header.x': 'h', 'query.x': 'q' },
      { header: { x: 'h' }, query: { x: 'q' } },
    ],
    [{ 'header.X-Undeclared': 'h' }, { header: { 'X-Undeclared': 'h' } }],
    [{ q: '$response.body' }, { query: { q: exchange.response.body } }],
    [{ q: '$pecial' }, { query: { q: '$pecial' } }],
  ]
  test.each(PARAMETERS)('%j', (parameters, expected) => {
    expect(resolved({ operationId: 'getUser', parameters })).toMatchObject({
      ok: true,
      value: { parameters: expected, dropped: [] },
    })
  })

  test('without a value or a place are not passed', () => {
    expect(
      resolved({
        operationId: 'getUser',
        parameters: { id: '$response.body#/gone', other: 1 },
        requestBody: '$response.header.gone',
      }),
    ).toMatchObject({
      ok: true,
      value: {
        parameters: {},
        dropped: [
          { name: 'id', reason: 'no-value' },
          { name: 'other', reason: 'not-declared', message: 'getUser declares no parameter "other".' },
          { name: 'requestBody', reason: 'no-value' },
        ],
      },
    })
    const link = resolved({ operationId: 'getUser', requestBody: '$response.header.gone' })
    expect(link.ok && 'body' in link.value).toBe(false)
  })
})

describe('a body', () => {
  const BODIES: [requestBody: unknown, value: unknown][] = [
    ['$response.body#/address', { city: 'Rome' }],
    ['{"id":"{$response.body#/id}"}', '{"id":"7"}'],
    [{ id: '$response.body#/id' }, { id: '$response.body#/id' }],
    [null, null],
  ]
  test.each(BODIES)('%j', (requestBody, value) => {
    expect(resolved({ operationId: 'getUser', requestBody })).toMatchObject({ ok: true, value: { body: { value } } })
  })
})

describe('the operation', () => {
  test.each([{ operationId: 'getUser' }, { operationRef: '#/paths/~1users~1{id}/get' }, { $ref: '#/components/links/l' }])(
    '%j',
    (link) => {
      const found = resolved(link, {
        links: {
          l: {
            operationRef: '#/paths/~1users~1%7Bid%7D/get',
            server: { url: 'https://{e}.example', variables: { e: { default: 'other' } } },
          },
        },
      })
      expect(found).toMatchObject({ ok: true, value: { operation: { operationId: 'getUser', method: 'GET' } } })
      expect(found.ok && found.value.server).toBe('$ref' in link ? 'https://other.example' : undefined)
    },
  )

  const NONE: [link: object, reason: string, message: string][] = [
    [{ operationId: 'getUsr' }, 'no-operation', 'No operation has the operationId "getUsr". Did you mean "getUser"?'],
    [{ operationId: 'GET /users/{id}' }, 'no-operation', 'No operation has the operationId "GET /users/{id}".'],
    [{ operationRef: '#/paths/~1users' }, 'no-operation', 'leads to something that is no operation.'],
    [{ operationRef: '#/mimic/agent/get' }, 'broken-reference', 'cannot be followed'],
    [{}, 'no-operation', 'Expected "operationId" or "operationRef"'],
    [{ $ref: '#/gone' }, 'broken-reference', 'cannot be followed'],
  ]
  test.each(NONE)('%j leads nowhere', (link, reason, message) => {
    expect(resolved(link)).toMatchObject({ ok: false, error: { reason, message: expect.stringContaining(message) } })
  })
})

describe('the operation in several documents', () => {
  const info = { title: 'L', version: '1' }
  const get = (operationId: string): object => ({
    get: { operationId, parameters: [{ name: 'id', in: 'query' }], responses: {} },
  })
  const callbacks = { done: { '{$request.body#/u}': { post: { operationId: 'done', responses: {} } } } }
  const FILES: Record<string, object> = {
    'b.yaml': {
      openapi: '3.0.3',
      info,
      paths: { '/b': { ...get('getB'), post: { callbacks } }, '/e': { $ref: 'part.yaml#/item' }, '/twice': get('twice') },
    },
    'c.yaml': { openapi: '3.1.0', info, paths: { '/twice': get('twice') } },
    'part.yaml': { item: get('getPart'), other: get('unused') },
  }
  const FOUND: [link: object, operationIdOrReason: string][] = [
    [{ operationRef: 'b.yaml#/paths/~1b/get' }, 'getB'],
    [{ operationRef: 'b.yaml#/paths/~1e/get' }, 'getPart'],
    [{ operationRef: 'b.yaml#/paths/~1b/post/callbacks/done/%7B%24request.body%23~1u%7D/post' }, 'done'],
    [{ operationRef: '#/paths/~1c/get' }, 'getPart'],
    [{ operationRef: '#/paths/~1chained/get' }, 'getPart'],
    [{ operationRef: 'part.yaml#/item/get' }, 'getPart'],
    [{ operationRef: '#/paths/~1c/put' }, 'broken-reference'],
    [{ operationRef: 'b.yaml#/paths/~1b' }, 'no-operation'],
    [{ operationRef: 'b.yaml' }, 'no-operation'],
    [{ operationRef: 'gone.yaml#/paths/~1b/get' }, 'broken-reference'],
    [{ operationRef: 'part.yaml#/other/get' }, 'no-operation'],
    [{ operationId: 'getB' }, 'getB'],
    [{ operationId: 'getPart' }, 'getPart'],
    [{ operationId: 'done' }, 'done'],
    [{ operationId: 'twice' }, 'no-operation'],
    [{ operationId: 'unused' }, 'no-operation'],
  ]
  test.each(FOUND)('%j', async (link, expected) => {
    const folder = mkdtempSync(join(tmpdir(), 'ringback-link-'))
    try {
      const entry = {
        openapi: '3.1.0',
        info,
        paths: {
          '/a': { get: { responses: { 200: { description: '', links: { next: { ...link, parameters: { id: 7 } } } } } } },
          '/c': { $ref: 'part.yaml#/item' },
          '/chained': { $ref: '#/paths/~1c' },
        },
        'x-more': [{ $ref: 'b.yaml' }, { $ref: 'c.yaml' }],
      }
      for (const [name, content] of Object.entries({ ...FILES, 'a.yaml': entry }))
        writeFileSync(join(folder, name), JSON.stringify(content))
      const description = await readDescription(join(folder, 'a.yaml'))
      const [next] = operationsOf(description).flatMap(responsesOf).flatMap(linksOf)
      if (next === undefined) throw new Error('no link')
      const found = resolveLink(description, next, exchange)
      expect(found.ok ? found.value.operation.operationId : found.error.reason).toBe(expected)
      if (found.ok && expected.startsWith('get')) expect(found.value.parameters).toEqual({ query: { id: 7 } })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
