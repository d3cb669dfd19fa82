import { type OpenApiDescription, readDescription } from 'ringback'

export const streams: OpenApiDescription = await readDescription(
  new URL('../../examples/streams/openapi.yaml', import.meta.url).pathname,
)

export const exchange = {
  request: {
    method: 'POST',
    url: 'https://api.example/streams?token=a%26b',
    headers: { 'content-type': 'application/json' },
    path: {},
    query: { token: 'a&b' },
    body: { callbackUrl: 'https://client.example/cb' },
  },
  response: { status: 201, headers: {}, body: { id: '17', closedUrl: 'https://client.example/closed' } },
}
