import { callbacksOf } from './callback.ts'
import type { OpenApiDescription } from './description.ts'
import { everyOperation } from './find-operation.ts'

/** Names listed in a message. */
const mostNames = 12

/** A sentence for whoever asked for an operation that there is not: those that have callbacks, and webhooks where one will do. */
export function operationsWithCallbacks(description: OpenApiDescription, also?: 'webhooks'): string {
  const names = everyOperation(description)
    .filter((one) => (also === 'webhooks' && one.kind === 'webhook') || callbacksOf(one).length > 0)
    .map(({ operationId, method, path }) => operationId ?? `${method} ${path}`)
  const [what, none] =
    also === 'webhooks'
      ? ['Operations with callbacks, and webhooks', 'neither callbacks nor webhooks']
      : ['Operations with callbacks', 'no callbacks']
  if (names.length === 0) return `The description has ${none}.`
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : ''
  return `${what}: ${names.slice(0, mostNames).join(', ')}${more}.`
}
