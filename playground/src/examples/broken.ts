import type { Example } from './example.ts'

export const broken: Example = {
  name: 'broken',
  title: 'Keys that break the grammar',
  isSound: false,
  findings: [
    'bare-expression-inside-text',
    'dot-instead-of-pointer',
    'missing-slash-after-hash',
    'no-dollar',
    'unclosed-brace',
    'undeclared-query-parameter',
  ],
  document: `openapi: 3.0.3
info:
  title: Payments
  version: 1.0.0
servers:
  - url: https://api.example
paths:
  /payments:
    post:
      operationId: createPayment
      parameters:
        - name: callback_url
          in: query
          schema: { type: string, format: uri }
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [callbackUrl, id]
              properties:
                callbackUrl: { type: string, format: uri }
                id: { type: string }
      responses:
        "201": { description: Created. }
      # Each of these stands in some public document.
      callbacks:
        dollarForgotten:
          "{request.body#/callbackUrl}":
            post:
              responses: { "204": { description: Taken. } }
        dotForHash:
          "{$request.body.callbackUrl}":
            post:
              responses: { "204": { description: Taken. } }
        slashForgotten:
          "{$request.body#callbackUrl}/paid":
            post:
              responses: { "204": { description: Taken. } }
        noBraces:
          "https://hooks.example/$request.body#/id":
            post:
              responses: { "204": { description: Taken. } }
        braceLeftOpen:
          "{$request.query.callback_url/done":
            post:
              responses: { "204": { description: Taken. } }
`,
  exchange: {
    method: 'POST',
    url: 'https://api.example/payments?callback_url=https%3A%2F%2Fclient.example%2Fpaid',
    requestHeaders: 'Content-Type: application/json',
    requestBody: `{
  "callbackUrl": "https://client.example/cb",
  "id": "p-1"
}`,
    status: '201',
    responseHeaders: '',
    responseBody: '',
  },
}
