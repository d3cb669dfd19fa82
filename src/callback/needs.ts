import type { Reads } from '../expression/index.ts'
import type { OpenApiDescription, Operation } from '../openapi/index.ts'
import { operationFor } from './operation-for.ts'
import { planOf } from './plan.ts'

const needs = new WeakMap<Operation, Reads>()

/**
 * What the callback keys of an operation read from request and response, all together: nothing else has to be captured for
 * `resolveCallbacks`. Of broken keys with a known repair it is what the repaired key reads. Told once per operation.
 */
export function needsOf(description: OpenApiDescription, operation: Operation | string): Reads {
  const found = operationFor(description, operation)
  let known = needs.get(found)
  if (known === undefined) {
    const keys = planOf(found).callbacks.flatMap((callback) => callback.keys)
    known = merged(keys.flatMap(({ parsed }) => (parsed.ok ? parsed.value : parsed.error.repaired)?.reads ?? []))
    needs.set(found, known)
  }
  return known
}

function merged(all: readonly Reads[]): Reads {
  const once = (names: (reads: Reads) => readonly string[]): readonly string[] => [...new Set(all.flatMap(names))]
  return {
    request: {
      url: all.some(({ request }) => request.url),
      method: all.some(({ request }) => request.method),
      body: all.some(({ request }) => request.body),
      headers: once(({ request }) => request.headers),
      query: once(({ request }) => request.query),
      path: once(({ request }) => request.path),
    },
    response: {
      status: all.some(({ response }) => response.status),
      body: all.some(({ response }) => response.body),
      headers: once(({ response }) => response.headers),
    },
    parameters: once(({ parameters }) => parameters),
    outside: once(({ outside }) => outside),
  }
}
