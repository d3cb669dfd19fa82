import { findOperation, type OpenApiDescription, type Operation } from '../openapi/index.ts'

/** An operation that was given itself or by its name. A name that there is not is a mistake of the caller. */
export function operationFor(description: OpenApiDescription, operation: Operation | string): Operation {
  if (typeof operation !== 'string') return operation
  const found = findOperation(description, operation)
  if (!found.ok) throw new TypeError(found.error.message)
  return found.value
}
