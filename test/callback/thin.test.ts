import { buildCallbackRequest, readDescription, resolveCallbacks, resolveWebhook } from 'ringback'
import { expect, test } from 'vitest'

const text = `
openapi: 3.1.0
info: { title: Orders, version: '1' }
paths:
  /orders:
    post:
      operationId: createOrder
      callbacks:
        orderAccepted:
          '{$request.body#/callbackUrl}/orders/{$response.body#/id}?t={$request.query.token}':
            post:
              parameters:
                - { name: X-Correlation-Id, in: header, required: true, schema: { type: string }, example: abc }
              requestBody:
                required: true
                content:
                  application/json:
                    schema: { $ref: '#/components/schemas/Event' }
              responses: { '204': { description: ok } }
      responses: { '201': { description: created } }
webhooks:
  newOrder:
    post:
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Event' } } } }
components:
  schemas:
    Event:
      type: object
      required: [state, at, id]
      properties:
        id: { type: integer, minimum: 5 }
        state: { enum: [accepted, refused] }
        at: { type: string, format: date-time }
        parent: { $ref: '#/components/schemas/Event' }
`
const exchange = {
  id: 'x-1',
  request: {
    method: 'POST',
    url: 'https://api.example/orders?token=a%26b',
    headers: {},
    path: {},
    query: { token: 'a&b' },
    body: { callbackUrl: 'https://client.example/cb' },
  },
  response: { status: 201, headers: {}, body: { id: 7 } },
}

test('from description and exchange to a request', async () => {
  const description = await readDescription(text)
  const [callback] = resolveCallbacks(description, 'createOrder', exchange)
  expect(callback?.target).toMatchObject({ ok: true, value: { url: 'https://client.example/cb/orders/7?t=a%26b' } })
  if (!callback?.target.ok) return
  const request = buildCallbackRequest(callback.target.value, { example: true })
  expect(Buffer.from(request.body ?? []).toString()).toBe(
    '{"id":5,"state":"accepted","at":"2024-01-01T00:00:00Z","parent":{"id":5,"state":"accepted","at":"2024-01-01T00:00:00Z"}}',
  )
  expect(request).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json', 'X-Correlation-Id': 'abc' } })
  const [webhook] = resolveWebhook(description, 'newOrder', 'https://a.example/x', { id: '1' })
  expect(webhook?.target).toMatchObject({ ok: true, value: { url: 'https://a.example/x', method: 'POST' } })
})
