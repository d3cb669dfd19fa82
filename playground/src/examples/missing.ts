import type { Example } from './example.ts'

export const missing: Example = {
  name: 'missing',
  title: 'A sound document, a poor exchange',
  isSound: true,
  findings: [],
  document: `openapi: 3.1.0
info:
  title: Transfers
  version: 1.0.0
servers:
  - url: https://api.example
paths:
  /transfers:
    post:
      operationId: createTransfer
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [callbackUrl, account, tenant]
              properties:
                callbackUrl: { type: string, format: uri }
                account: { type: string }
                tenant: { type: string }
      responses:
        "201":
          description: Created.
          content:
            application/json:
              schema:
                type: object
                required: [id]
                properties:
                  id: { type: string }
      callbacks:
        # The client wrote callbackURL.
        settled:
          "{$request.body#/callbackUrl}":
            post:
              responses: { "204": { description: Taken. } }
        # Not known before the response.
        confirmed:
          "https://bank.example/transfers/{$response.body#/id}":
            post:
              responses: { "204": { description: Taken. } }
        # A value that would climb out of the path.
        audited:
          "https://audit.example/{$request.body#/tenant}/log":
            post:
              responses: { "204": { description: Taken. } }
        # An object is no part of a URL.
        booked:
          "https://books.example/{$request.body#/account}":
            post:
              responses: { "204": { description: Taken. } }
`,
  exchange: {
    method: 'POST',
    url: 'https://api.example/transfers',
    requestHeaders: 'Content-Type: application/json',
    requestBody: `{
  "callbackURL": "https://client.example/cb",
  "account": { "iban": "DE00" },
  "tenant": ".."
}`,
    status: '',
    responseHeaders: '',
    responseBody: '',
  },
}
