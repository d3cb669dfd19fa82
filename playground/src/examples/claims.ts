import type { Example } from './example.ts'

export const claims: Example = {
  name: 'claims',
  title: 'Keys that point at nothing',
  isSound: false,
  findings: ['pointer-not-in-schema', 'query-name-case', 'response-query-or-path', 'response-without-body'],
  document: `openapi: 3.1.0
info:
  title: Reports
  version: 1.0.0
servers:
  - url: https://api.example
paths:
  /reports:
    post:
      operationId: createReport
      parameters:
        - name: notifyUrl
          in: query
          required: true
          schema: { type: string, format: uri }
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              additionalProperties: false
              required: [delivery]
              properties:
                delivery:
                  type: object
                  additionalProperties: false
                  required: [callbackUrl]
                  properties:
                    callbackUrl: { type: string, format: uri }
      responses:
        "202": { description: Accepted. }
      callbacks:
        # The property is inside "delivery".
        wrongPlace:
          "{$request.body#/callbackUrl}":
            post:
              responses: { "204": { description: Taken. } }
        # Names are case-sensitive.
        wrongCase:
          "{$request.query.notifyURL}":
            post:
              responses: { "204": { description: Taken. } }
        # No response has a query.
        wrongMessage:
          "{$response.query.notifyUrl}":
            post:
              responses: { "204": { description: Taken. } }
        # The answer has no body.
        noBody:
          "{$request.query.notifyUrl}/{$response.body#/id}":
            post:
              responses: { "204": { description: Taken. } }
`,
  exchange: {
    method: 'POST',
    url: 'https://api.example/reports?notifyUrl=https%3A%2F%2Fclient.example%2Freports',
    requestHeaders: 'Content-Type: application/json',
    requestBody: `{
  "delivery": { "callbackUrl": "https://client.example/cb" }
}`,
    status: '202',
    responseHeaders: '',
    responseBody: '',
  },
}
