import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnyHandlers, ExampleHandler } from '../../middleware/index.ts'
import { callbacksOf, type OpenApiDescription, operationsOf } from '../../openapi/index.ts'

/** Handlers from a module: its default export, or what it exports as `handlers`. Throws a `TypeError` that says what is wrong with the file. */
export async function importHandlers(file: string): Promise<AnyHandlers> {
  let exported: { readonly default?: unknown; readonly handlers?: unknown }
  try {
    exported = await import(pathToFileURL(resolve(file)).href)
  } catch (error) {
    throw new TypeError(
      `Expected a JavaScript module with handlers in ${file}, but it cannot be loaded: ${(error as Error).message}`,
    )
  }
  const handlers = exported.handlers ?? exported.default
  if (typeof handlers === 'object' && handlers !== null && !Array.isArray(handlers)) return handlers as AnyHandlers
  throw new TypeError(
    `Expected ${file} to export handlers by operation and callback, as in export default { createOrder: { onDone: () => ({ body: {} }) } }, ` +
      `found ${handlers === undefined ? 'no such export' : typeof handlers}.`,
  )
}

/** An example for every callback of every operation. */
export function exampleHandlers(description: OpenApiDescription): AnyHandlers {
  const example: ExampleHandler = { body: 'example' }
  const tables = operationsOf(description).flatMap((operation) => {
    const names = operation.kind === 'path' ? callbacksOf(operation).map(({ name }) => name) : []
    if (names.length === 0) return []
    return [[`${operation.method} ${operation.path}`, Object.fromEntries(names.map((name) => [name, example]))]]
  })
  return Object.fromEntries(tables)
}
