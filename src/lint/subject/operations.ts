import { everyOperation, type OpenApiDescription, type Operation } from '../../openapi/index.ts'

/** The operations of a description, found by what links call them. */
export interface Operations {
  readonly all: readonly Operation[]
  readonly byId: ReadonlyMap<string, Operation>
}

const known = new WeakMap<OpenApiDescription, Operations>()

export function operationsIn(description: OpenApiDescription): Operations {
  let operations = known.get(description)
  if (operations === undefined) {
    const all = everyOperation(description)
    const byId = new Map<string, Operation>()
    for (const operation of all)
      if (operation.operationId !== undefined && !byId.has(operation.operationId)) byId.set(operation.operationId, operation)
    operations = { all, byId }
    known.set(description, operations)
  }
  return operations
}
