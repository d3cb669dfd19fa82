import { type OpenApiDescription, pathItemsOf } from '../openapi/index.ts'
import { err, ok, randomId, systemClock } from '../util/index.ts'
import type { CallbackTarget } from './callback-target.ts'
import { descriptionIdOf } from './description-id.ts'
import { referenceTo } from './operation-pointer.ts'
import type { ResolvedCallback } from './resolve-callbacks.ts'

export interface WebhookOptions {
  /** What makes this call one of its own: calls of the same webhook with the same id are the same. Default random. */
  readonly id?: string
}

/**
 * Targets for a webhook of the description (OAS 3.1, `webhooks`), one for each of its methods, at a URL that the application knows from
 * elsewhere. None for a webhook without methods; `broken-reference` for one whose `$ref` leads nowhere. Throws a `TypeError` for a name
 * that there is not.
 */
export function resolveWebhook(
  description: OpenApiDescription,
  name: string,
  url: string | URL,
  options: WebhookOptions = {},
): readonly ResolvedCallback[] {
  const webhooks = pathItemsOf(description).filter(({ kind }) => kind === 'webhook')
  const webhook = webhooks.find(({ path }) => path === name)
  if (webhook === undefined) {
    const names = webhooks.map(({ path }) => JSON.stringify(path)).join(', ')
    throw new TypeError(
      `Expected the name of a webhook (${names === '' ? 'there is none' : names}) but found ${JSON.stringify(name)}.`,
    )
  }
  const text = String(url)
  const exchangeId = options.id ?? randomId(systemClock.now())
  const { operations, failure } = webhook
  if (failure !== undefined && operations.length === 0) {
    const target = err({ reason: 'broken-reference', message: failure.message } as const)
    return [{ callback: name, key: text, method: undefined, operation: undefined, target }]
  }
  return operations.map((operation) => {
    const reference = referenceTo(operation)
    const target: CallbackTarget = {
      version: 1,
      url: text,
      method: operation.method,
      callback: name,
      key: text,
      operation: reference,
      callbackOperation: reference,
      descriptionId: descriptionIdOf(description),
      exchangeId,
    }
    const isUsable = /^https?:\/\/[^\s\\]+$/i.test(text) && URL.canParse(text)
    return {
      callback: name,
      key: text,
      method: operation.method,
      operation,
      target: isUsable
        ? ok(target)
        : err({ reason: 'not-absolute', message: 'The URL is not an absolute http or https URL.' } as const),
    }
  })
}
