import { type OpenApiDescription, parseDescription } from 'ringback/openapi'

/** A description with one operation `POST /things` that has these callbacks. */
export function descriptionWith(
  callbacks: unknown,
  more: { readonly version?: string; readonly operation?: object; readonly root?: object } = {},
): OpenApiDescription {
  return parseDescription(
    JSON.stringify({
      openapi: more.version ?? '3.1.0',
      info: { title: 'Things', version: '1' },
      servers: [{ url: 'https://api.example/v1' }],
      paths: {
        '/things': {
          post: { operationId: 'createThing', ...more.operation, callbacks, responses: { 201: { description: 'created' } } },
        },
      },
      ...more.root,
    }),
  )
}

/** A description whose operation has one callback with one key, called with POST. */
export function descriptionWithKey(
  key: string,
  callbackOperation: object = {},
  pathItem: object = {},
  version = '3.1.0',
): OpenApiDescription {
  return descriptionWith({ event: { [key]: { post: { responses: {}, ...callbackOperation }, ...pathItem } } }, { version })
}
