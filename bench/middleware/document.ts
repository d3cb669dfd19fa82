const content = (schema: object) => ({ content: { 'application/json': { schema } } })
const order = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string' }, callbackUrl: { type: 'string' }, lines: { type: 'array', items: { type: 'object' } } },
} as const
const post = { post: { requestBody: content(order), responses: { '2XX': { description: 'Taken.' } } } }

function operation(operationId: string, key: string): object {
  return {
    operationId,
    requestBody: content(order),
    responses: { 201: { description: 'Made.', ...content(order) } },
    callbacks: { made: { [key]: post } },
  }
}

/** An operation without callbacks, and one for each thing that a key can need. */
export const document: object = {
  openapi: '3.1.0',
  info: { title: 'Orders', version: '1' },
  paths: {
    '/orders/{id}': {
      get: {
        operationId: 'readOrder',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        responses: { 200: { description: 'Found.', ...content(order) } },
      },
    },
    '/plain': { post: { ...operation('plain', ''), callbacks: {} } },
    '/url': { post: operation('byUrl', '{$request.query.callbackUrl}') },
    '/request': { post: operation('byRequest', '{$request.body#/callbackUrl}') },
    '/response': { post: operation('byResponse', '{$response.body#/callbackUrl}') },
  },
}

/** What is sent and what is answered: about 500 bytes. */
export const body: object = {
  id: 'o1',
  callbackUrl: 'https://hooks.example.com/orders',
  lines: Array.from({ length: 8 }, (_, i) => ({ article: `a-${i}`, amount: i, note: 'as always, please' })),
}

const sent = { body: { id: 'o1' } }

/** One callback for each answer: by `send` where nothing of the bodies is needed, else by a handler. */
export const handlers: Record<string, Record<string, () => typeof sent>> = {
  byRequest: { made: () => sent },
  byResponse: { made: () => sent },
}
export const byUrl: typeof sent = sent

export const urlQuery: string = `callbackUrl=${encodeURIComponent('https://hooks.example.com/orders')}`
