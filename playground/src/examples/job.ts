import type { Example } from './example.ts'

export const job: Example = {
  name: 'job',
  title: 'A job: header, path, form, status',
  isSound: true,
  findings: ['expression-in-host', 'url-method-status-in-key'],
  document: `openapi: 3.0.3
info:
  title: Jobs
  version: 1.0.0
servers:
  - url: https://api.example/v2
paths:
  /projects/{project}/jobs:
    post:
      operationId: startJob
      parameters:
        - name: project
          in: path
          required: true
          schema: { type: string }
        - name: X-Callback-Host
          in: header
          required: true
          schema: { type: string }
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [room]
              properties:
                room: { type: string }
      responses:
        "202":
          description: Started.
          headers:
            X-Job-Id:
              required: true
              schema: { type: string }
      callbacks:
        # A header names the host; the form, the path and the response fill the rest.
        onProgress:
          "https://{$request.header.X-Callback-Host}/{$request.path.project}/{$request.body#/room}?job={$response.header.X-Job-Id}":
            put:
              responses:
                "204": { description: Taken. }
        # A parameter of the callback itself, which is given when it is sent.
        onDone:
          "https://hooks.example/jobs/{jobId}/{$statusCode}":
            post:
              parameters:
                - name: jobId
                  in: path
                  required: true
                  schema: { type: string }
                  example: job-7
              responses:
                "204": { description: Taken. }
`,
  exchange: {
    method: 'POST',
    url: 'https://api.example/v2/projects/blue%20whale/jobs',
    requestHeaders: `Content-Type: application/x-www-form-urlencoded
X-Callback-Host: client.example:8443`,
    requestBody: 'room=engine+room%2F3',
    status: '202',
    responseHeaders: 'X-Job-Id: job-7',
    responseBody: '',
  },
}
