import {
  child,
  deliverySetting,
  items,
  members,
  type Operation,
  type Parameter,
  parametersOf,
  type RequestBody,
  requestBodyOf,
} from '../openapi/index.ts'
import { isWaits, type Waits } from '../util/index.ts'

/** What a callback operation declares of its requests. */
export interface DeclaredRequest {
  readonly parameters: readonly Parameter[]
  readonly body: RequestBody | undefined
  /** Names of Security Schemes: each list is one way to be let in. */
  readonly security: readonly (readonly string[])[]
  /** Of `x-ringback-delivery`; `undefined`: it says none that can be kept, and the dispatcher's own is for it. */
  readonly schedule: Waits | undefined
}

const known = new WeakMap<Operation, DeclaredRequest>()

/** Looked up once per operation. */
export function declaredRequestOf(operation: Operation): DeclaredRequest {
  let declared = known.get(operation)
  if (declared === undefined) {
    const schedule = deliverySetting(operation, 'schedule')
    declared = {
      parameters: parametersOf(operation).parameters,
      body: requestBodyOf(operation),
      security: items(child(operation.at, 'security')).map((one) => members(one).map(({ name }) => name)),
      schedule: isWaits(schedule) ? Object.freeze([...schedule]) : undefined,
    }
    known.set(operation, declared)
  }
  return declared
}
