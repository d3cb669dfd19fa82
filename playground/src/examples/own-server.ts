import type { Example } from './example.ts'

export const ownServer: Example = {
  name: 'own-server',
  title: 'A relative URL, and an item of an array (JSON)',
  isSound: true,
  findings: [],
  document: `{
  "openapi": "3.1.0",
  "info": { "title": "Orders", "version": "1.0.0" },
  "servers": [{ "url": "https://api.example" }],
  "paths": {
    "/orders": {
      "post": {
        "operationId": "createOrder",
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "type": "object",
                "required": ["notify", "reference"],
                "properties": {
                  "notify": {
                    "type": "array",
                    "minItems": 1,
                    "items": { "type": "string", "format": "uri" }
                  },
                  "reference": { "type": "string" }
                }
              }
            }
          }
        },
        "responses": { "201": { "description": "Created." } },
        "callbacks": {
          "orderShipped": {
            "{$request.body#/notify/0}": {
              "post": { "responses": { "204": { "description": "Taken." } } }
            }
          },
          "orderBilled": {
            "/billing/{$request.body#/reference}": {
              "servers": [{ "url": "https://erp.example/hooks" }],
              "post": { "responses": { "204": { "description": "Taken." } } }
            }
          }
        }
      }
    }
  }
}
`,
  exchange: {
    method: 'POST',
    url: 'https://api.example/orders',
    requestHeaders: 'Content-Type: application/json',
    requestBody: `{
  "notify": ["https://one.example/cb", "https://two.example/cb"],
  "reference": "2024/117"
}`,
    status: '201',
    responseHeaders: '',
    responseBody: '',
  },
}
