import { isOrdinarySkip, type ResolveOptions, resolveCallbacks } from '../callback/index.ts'
import type { PartialExchange } from '../http/index.ts'
import type { OpenApiDescription, Operation } from '../openapi/index.ts'
import { ExpectationError } from './expectation-error.ts'

/**
 * Where the callbacks of an operation go in an exchange, by the name of the callback; one that has no URL in it has an empty list. Throws
 * `ExpectationError` when a key is broken, or cannot be read in any exchange.
 */
export function callbackUrls(
  description: OpenApiDescription,
  operation: Operation | string,
  exchange: PartialExchange,
  options: ResolveOptions = {},
): Readonly<Record<string, readonly string[]>> {
  const urls = new Map<string, string[]>()
  for (const { callback, key, target } of resolveCallbacks(description, operation, identified(exchange), options)) {
    const known = urls.get(callback) ?? []
    urls.set(callback, known)
    if (target.ok) {
      if (!known.includes(target.value.url)) known.push(target.value.url)
    } else if (!isOrdinarySkip(target.error)) {
      throw new ExpectationError(
        `Expected the callback key ${JSON.stringify(key)} of ${callback} to lead to a URL. ${target.error.message}`,
      )
    }
  }
  return Object.fromEntries(urls)
}

/** Resolving wants to know which exchange it is, for ids that tests of URLs never see. */
export function identified<E extends PartialExchange>(exchange: E): E & { readonly id: string } {
  return { ...exchange, id: exchange.id ?? 'test' }
}
