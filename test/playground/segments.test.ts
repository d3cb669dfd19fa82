import { describe, expect, test } from 'vitest'
import { DocumentSession } from '../../playground/src/document-session.ts'
import { originWords } from '../../playground/src/origin.ts'
import type { CallbackReport } from '../../playground/src/report.ts'
import { resolveExchange } from '../../playground/src/resolve.ts'
import { segmentsOf } from '../../playground/src/segments.ts'
import { startCpuTime } from '../support/cpu-time.ts'

const document = (key: string, server = ''): string =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: '', version: '' },
    paths: {
      '/orders/{order}': {
        post: {
          responses: {},
          callbacks: {
            onDone: {
              [key]: {
                ...(server === '' ? {} : { servers: [{ url: server }] }),
                post: { parameters: [{ name: 'job', in: 'path', required: true, example: 'j 1', schema: {} }], responses: {} },
              },
            },
          },
        },
      },
    },
  })

const exchange = {
  method: 'post',
  url: 'https://api.example/orders/o%2F1?token=a%26b',
  requestHeaders: 'Content-Type: application/json\nX-Host: client.example:8443',
  requestBody: '{"url":"https://client.example/cb?x=1","urls":["https://a.example","https://a.example/b"],"id":"ä (1)","n":7}',
  status: '201',
  responseHeaders: 'Content-Type: application/json\nLocation: /orders/1',
  responseBody: '{"id":42}',
}

function resolved(key: string, server?: string): readonly CallbackReport[] {
  const session = new DocumentSession()
  session.read(document(key, server))
  return resolveExchange(session, exchange).callbacks
}

function segmentsFor(key: string, server?: string): unknown {
  return resolved(key, server).map(({ outcome }) =>
    outcome.kind === 'resolved' ? outcome.segments.map(({ text, origin }) => `${origin} ${text}`) : outcome.faults,
  )
}

const KEYS: [key: string, ...segments: string[]][] = [
  ['{$request.body#/url}', 'request-body https://client.example/cb?x=1'],
  ['$request.body#/url', 'request-body https://client.example/cb?x=1'],
  ['https://h.example/cb', 'text https://h.example/cb'],
  [
    '{$request.body#/url}&id={$request.body#/id}',
    'request-body https://client.example/cb?x=1',
    'text &id=',
    'request-body %C3%A4%20%281%29',
  ],
  ['https://{$request.header.X-Host}/x', 'text https://', 'request-header client.example:8443', 'text /x'],
  ['https://h.example/{$request.path.order}', 'text https://h.example/', 'request-path o%2F1'],
  ['https://h.example/?t={$request.query.token}', 'text https://h.example/?t=', 'request-query a%26b'],
  ['https://h.example/{$method}/{$statusCode}', 'text https://h.example/', 'request-line POST', 'text /', 'response-status 201'],
  [
    'https://h.example/{$url}',
    'text https://h.example/',
    'request-line https%3A%2F%2Fapi.example%2Forders%2Fo%252F1%3Ftoken%3Da%2526b',
  ],
  ['https://h.example/?at={$response.header.Location}', 'text https://h.example/?at=', 'response-header %2Forders%2F1'],
  ['https://h.example/{$response.body#/id}', 'text https://h.example/', 'response-body 42'],
  ['https://h.example/{$request.body#/n}{$response.body#/id}', 'text https://h.example/', 'request-body 7', 'response-body 42'],
  ['https://h.example/{job}/x', 'text https://h.example/', 'parameter j%201', 'text /x'],
]
test.each(KEYS)('%s', (key, ...segments) => {
  expect(segmentsFor(key)).toEqual([segments])
})

test('each item of an array of URLs has its own', () => {
  expect(segmentsFor('{$request.body#/urls}/x')).toEqual([
    ['request-body https://a.example', 'text /x'],
    ['request-body https://a.example/b', 'text /x'],
  ])
})

test('a relative URL begins with the server of the callback', () => {
  expect(segmentsFor('/cb/{$response.body#/id}', 'https://erp.example/base/')).toEqual([
    ['server https://erp.example', 'text /cb/', 'response-body 42'],
  ])
})

describe('segments', () => {
  test('are the URL when joined, whatever the parts are', () => {
    for (const [key] of KEYS) {
      for (const { outcome } of resolved(key)) {
        if (outcome.kind === 'resolved') expect(outcome.segments.map(({ text }) => text).join('')).toBe(outcome.url)
      }
    }
  })

  test('are one where nobody can tell the parts', () => {
    expect(segmentsOf('https://h.example/x', [{ origin: 'text', candidates: ['/y'] }])).toEqual([
      { text: 'https://h.example/x', origin: 'mixed' },
    ])
  })

  test('of a long URL that does not fit are found missing in no time', () => {
    const url = `https://h.example/${'a'.repeat(100_000)}`
    const parts = Array.from({ length: 100 }, () => ({ origin: 'text' as const, candidates: ['a'] }))
    const cpuTime = startCpuTime()
    expect(segmentsOf(url, parts)).toEqual([{ text: url, origin: 'mixed' }])
    expect(cpuTime()).toBeLessThan(2000)
  })
})

test('every origin has words of its own', () => {
  const words = Object.values(originWords)
  expect(new Set(words).size).toBe(words.length)
})
