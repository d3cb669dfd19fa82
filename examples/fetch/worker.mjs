// A worker: nothing listens, nothing is kept in memory between requests, and text cannot become code, so that the description is an object
// and bodies are not validated. Callbacks go to a queue of the platform, whose consumer sends them.
import { withCallbacks } from 'ringback/fetch'

/** @typedef {{ readonly CALLBACKS: { send(message: unknown): Promise<void> } }} Environment */

const description = /** @type {const} */ ({
  openapi: '3.1.0',
  info: { title: 'Thumbnails', version: '1' },
  paths: {
    '/thumbnails': {
      post: {
        operationId: 'makeThumbnail',
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['image'],
                properties: { image: { type: 'string' }, callbackUrl: { type: 'string' } },
              },
            },
          },
        },
        responses: { 202: { description: 'It will be made.' } },
        callbacks: {
          thumbnailMade: {
            '{$request.body#/callbackUrl}': {
              post: {
                requestBody: { content: { 'application/json': { schema: { type: 'object' } } } },
                responses: { '2XX': { description: 'Noted.' } },
              },
            },
          },
        },
      },
    },
  },
})

/** @param {Request} request */
async function answer(request) {
  if (new URL(request.url).pathname !== '/thumbnails' || request.method !== 'POST') return new Response(null, { status: 404 })
  return new Response(null, { status: 202 })
}

/** @param {Environment} environment */
const open = ({ CALLBACKS }) =>
  withCallbacks(/** @type {import('ringback/fetch').FetchHandler<[Environment, object]>} */ (answer), {
    description,
    handlers: { makeThumbnail: { thumbnailMade: () => ({ body: { state: 'made' } }) } },
    fire: async ({ method, url, headers, body }) => {
      await CALLBACKS.send({ method, url, headers, body: new TextDecoder().decode(body) })
    },
    onStart() {},
  })
/** @type {ReturnType<typeof open> | undefined} */
let handle

export default {
  /** @param {Request} request @param {Environment} environment @param {{ waitUntil(promise: Promise<unknown>): void }} context */
  fetch(request, environment, context) {
    handle ??= open(environment)
    return handle(request, environment, context)
  },
}
