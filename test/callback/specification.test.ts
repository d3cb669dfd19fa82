import { resolveCallbacks } from 'ringback'
import { parseDescription } from 'ringback/openapi'
import { describe, expect, test } from 'vitest'
import { descriptionWithKey } from './support.ts'

/** OAS 3.1.1, Callback Object, "Key Expression": the request and the response of the example. */
const exchange = {
  id: 'example',
  request: {
    method: 'POST',
    url: 'https://example.org/subscribe/myevent?queryUrl=https://clientdomain.com/stillrunning',
    headers: { 'content-type': 'application/json', 'content-length': '187' },
    path: { eventType: 'myevent' },
    query: { queryUrl: 'https://clientdomain.com/stillrunning' },
    body: {
      failedUrl: 'https://clientdomain.com/failed',
      successUrls: ['https://clientdomain.com/fast', 'https://clientdomain.com/medium', 'https://clientdomain.com/slow'],
    },
  },
  response: { status: 201, headers: { Location: 'https://example.org/subscription/1' } },
}

describe('the table of the Callback Object', () => {
  const URLS: [expression: string, url: string][] = [
    ['$url', 'https://example.org/subscribe/myevent?queryUrl=https://clientdomain.com/stillrunning'],
    ['$request.query.queryUrl', 'https://clientdomain.com/stillrunning'],
    ['$request.body#/failedUrl', 'https://clientdomain.com/failed'],
    // The table says "medium" since 3.0.0; in 2.0 of the draft it said index 2.
    ['$request.body#/successUrls/1', 'https://clientdomain.com/medium'],
    ['$response.header.Location', 'https://example.org/subscription/1'],
  ]
  test.each(URLS)('%s is a URL', (expression, url) => {
    for (const key of [expression, `{${expression}}`]) {
      const [callback] = resolveCallbacks(descriptionWithKey(key), 'createThing', exchange)
      expect(callback?.target).toMatchObject({ ok: true, value: { url } })
    }
  })

  const TEXTS: [expression: string, value: string][] = [
    ['$method', 'POST'],
    ['$request.path.eventType', 'myevent'],
    ['$request.header.content-Type', 'application%2Fjson'],
  ]
  test.each(TEXTS)('%s is text: a part of a URL, and no URL itself', (expression, value) => {
    const [whole] = resolveCallbacks(descriptionWithKey(expression), 'createThing', exchange)
    expect(whole?.target).toMatchObject({ ok: false, error: { reason: 'not-absolute' } })
    const [part] = resolveCallbacks(descriptionWithKey(`https://a.example/{${expression}}`), 'createThing', exchange)
    expect(part?.target).toMatchObject({ ok: true, value: { url: `https://a.example/${value}` } })
  })
})

describe('the examples of the Callback Object', () => {
  test('a query parameter is the URL', () => {
    const description = parseDescription(`
openapi: 3.1.0
info: { title: Example, version: '1' }
paths:
  /subscribe:
    post:
      callbacks:
        myCallback:
          '{$request.query.queryUrl}':
            post:
              requestBody:
                description: Callback payload
                content:
                  application/json:
                    schema: { $ref: '#/components/schemas/SomePayload' }
              responses: { '200': { description: callback successfully processed } }
components: { schemas: { SomePayload: { type: object } } }
`)
    expect(resolveCallbacks(description, 'POST /subscribe', exchange)).toMatchObject([
      { callback: 'myCallback', method: 'POST', target: { ok: true, value: { url: 'https://clientdomain.com/stillrunning' } } },
    ])
  })

  test('a literal server with values from the body in its query', () => {
    const key = 'http://notificationServer.com?transactionId={$request.body#/id}&email={$request.body#/email}'
    const [callback] = resolveCallbacks(descriptionWithKey(key), 'createThing', {
      id: 'x',
      request: { body: { id: 'a b', email: 'bob@example.com' } },
    })
    expect(callback?.target).toMatchObject({
      ok: true,
      value: {
        url: 'http://notificationServer.com?transactionId=a%20b&email=bob%40example.com',
        constraint: { scheme: 'http', authority: { kind: 'exact', host: 'notificationserver.com', port: '' } },
      },
    })
  })
})
