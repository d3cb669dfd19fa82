import type { Example } from './example.ts'

export const subscription: Example = {
  name: 'subscription',
  title: 'A subscription: body, query, response',
  isSound: true,
  findings: [],
  document: `openapi: 3.1.0
info:
  title: Streams
  version: 1.0.0
servers:
  - url: https://api.example
paths:
  /streams:
    post:
      operationId: createStream
      summary: Subscribe, and say where to call back.
      parameters:
        - name: token
          in: query
          required: true
          schema: { type: string }
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Subscription"
      responses:
        "201":
          description: Subscribed.
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Stream"
      callbacks:
        # The URL of the subscriber, and a tail that is text.
        onData:
          "{$request.body#/callbackUrl}/data":
            post:
              requestBody:
                content:
                  application/json:
                    schema: { type: object }
              responses:
                "204": { description: Taken. }
        # Three expressions: all but the first are percent-encoded.
        onStatus:
          "{$request.body#/callbackUrl}/status/{$response.body#/id}?token={$request.query.token}":
            post:
              responses:
                "204": { description: Taken. }
        # Nobody knows this one before the response: empty its status, and see.
        onClosed:
          "{$response.body#/closedUrl}":
            post:
              responses:
                "204": { description: Taken. }
components:
  schemas:
    Subscription:
      type: object
      required: [callbackUrl]
      properties:
        callbackUrl: { type: string, format: uri }
    Stream:
      type: object
      required: [id, closedUrl]
      properties:
        id: { type: string }
        closedUrl: { type: string, format: uri }
`,
  exchange: {
    method: 'POST',
    url: 'https://api.example/streams?token=a%26b',
    requestHeaders: 'Content-Type: application/json',
    requestBody: `{
  "callbackUrl": "https://client.example/hooks"
}`,
    status: '201',
    responseHeaders: 'Content-Type: application/json',
    responseBody: `{
  "id": "stream 42",
  "closedUrl": "https://client.example/closed?s=42"
}`,
  },
}
