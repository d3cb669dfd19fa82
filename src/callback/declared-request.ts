import {
  child,
  items,
  members,
  type Operation,
  type Parameter,
  parametersOf,
  type RequestBody,
  requestBodyOf,
} from '../openapi/index.ts'

/** What a callback operation declares of its requests. */
export interface DeclaredRequest {
  readonly parameters: readonly Parameter[]
  readonly body: RequestBody | undefined
  /** Names of Security Schemes: each list is one way to be let in. */
  readonly security: readonly (readonly string[])[]
}

const known = new WeakMap<Operation, DeclaredRequest>()

/** Looked up once per operation. */
export function declaredRequestOf(operation: Operation): DeclaredRequest {
  let declared = known.get(operation)
  if (declared === undefined) {
    declared = {
      parameters: parametersOf(operation).parameters,
      body: requestBodyOf(operation),
      security: items(child(operation.at, 'security')).map((one) => members(one).map(({ name }) => name)),
    }
    known.set(operation, declared)
  }
  return declared
}
