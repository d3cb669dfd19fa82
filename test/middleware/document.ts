/** An API whose callbacks read everything that keys can read. */
export const document: object = {
  openapi: '3.1.0',
  info: { title: 'Orders', version: '1' },
  servers: [{ url: 'https://api.example.com/v1' }],
  paths: {
    '/orders': {
      post: {
        operationId: 'createOrder',
        requestBody: { content: { 'application/json': { schema: { type: 'object' } } } },
        responses: { 201: { description: 'Created.' }, 202: { description: 'Later.' }, default: { description: 'Wrong.' } },
        callbacks: {
          orderAccepted: { '{$request.body#/callbackUrl}': { post: jsonOperation() } },
          orderShipped: { '{$request.body#/callbackUrl}/shipped/{$response.body#/id}': { post: jsonOperation() } },
        },
      },
      get: {
        operationId: 'listOrders',
        parameters: [{ name: 'callback', in: 'query', schema: { type: 'string' } }],
        responses: { 200: { description: 'Found.' } },
        callbacks: { listed: { '{$request.query.callback}': { post: jsonOperation() } } },
      },
    },
    '/orders/{orderId}/items/{itemId}': {
      post: {
        operationId: 'addItem',
        responses: { 200: { description: 'Added.' } },
        callbacks: {
          added: {
            'http://hooks.example.com/{$request.path.orderId}/{$request.path.itemId}?m={$method}': { post: jsonOperation() },
          },
        },
      },
    },
    '/jobs': {
      post: {
        operationId: 'startJob',
        responses: { '2XX': { description: 'Started.' } },
        callbacks: {
          done: { '{$request.header.X-Callback}?at={$response.header.Location}&s={$statusCode}': { post: jsonOperation() } },
        },
      },
    },
    '/forms': {
      post: {
        operationId: 'sendForm',
        requestBody: { content: { 'application/x-www-form-urlencoded': { schema: { type: 'object' } } } },
        responses: { 200: { description: 'Taken.' } },
        callbacks: { filed: { '{$request.body#/url}': { post: jsonOperation() } } },
      },
    },
    '/files': {
      put: {
        operationId: 'putFile',
        requestBody: { content: { 'application/octet-stream': {} } },
        responses: { 200: { description: 'Kept.' } },
        callbacks: { kept: { '{$request.header.X-Callback}': { post: jsonOperation() } } },
      },
    },
    '/feed': {
      get: {
        operationId: 'feed',
        responses: { 200: { description: 'Events.' } },
        callbacks: { watched: { '{$request.query.callback}': { post: jsonOperation() } } },
      },
    },
    '/echo': {
      post: {
        operationId: 'echo',
        requestBody: { content: { '*/*': {} } },
        responses: { 200: { description: 'The same.' } },
        callbacks: { echoed: { 'http://hooks.example.com/echoed': { post: jsonOperation() } } },
      },
    },
    '/plain': { get: { operationId: 'plain', responses: { 200: { description: 'Nothing to call back.' } } } },
  },
}

function jsonOperation(): object {
  return {
    requestBody: { required: true, content: { 'application/json': { schema: { type: 'object' } } } },
    responses: { 200: { description: 'Thanks.' } },
  }
}
