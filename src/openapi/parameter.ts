import { type Content, contentsOf } from './content.ts'
import { child, isObjectValue, items, type Located } from './located.ts'
import type { Operation } from './model.ts'
import { pathItemField } from './path-item.ts'
import type { ReferenceFailure } from './reference.ts'
import type { ParameterObject } from './types.ts'

export type ParameterLocation = 'path' | 'query' | 'querystring' | 'header' | 'cookie'

export interface Parameter {
  readonly name: string
  readonly in: ParameterLocation
  readonly required: boolean
  readonly at: Located
  readonly object: Located<ParameterObject>
  readonly schema: Located | undefined
  readonly contents: readonly Content[]
}

/** Parameters of an operation: its own, then those of its path item that it does not override (same name, same `in`). */
export function parametersOf(operation: Operation): {
  readonly parameters: readonly Parameter[]
  readonly failures: readonly ReferenceFailure[]
} {
  const parameters = new Map<string, Parameter>()
  const failures: ReferenceFailure[] = []
  for (const at of [...items(child(operation.at, 'parameters')), ...items(pathItemField(operation.pathItem, 'parameters'))]) {
    const target = operation.description.resolve(at)
    if (!target.ok) {
      failures.push(target.error)
      continue
    }
    const parameter = parameterAt(operation, at, target.value)
    if (parameter === undefined) continue
    const key = `${parameter.in} ${parameter.name}`
    if (!parameters.has(key)) parameters.set(key, parameter)
  }
  return { parameters: [...parameters.values()], failures }
}

const locations: readonly string[] = ['path', 'query', 'querystring', 'header', 'cookie'] satisfies ParameterLocation[]

function parameterAt(operation: Operation, at: Located, target: Located): Parameter | undefined {
  if (!isObjectValue(target)) return undefined
  const { name, in: location, required } = target.value
  if (typeof name !== 'string' || typeof location !== 'string' || !locations.includes(location)) return undefined
  const contents = contentsOf(operation.description, target)
  return {
    name,
    in: location as ParameterLocation,
    required: required === true || location === 'path',
    at,
    object: target as unknown as Located<ParameterObject>,
    schema: child(target, 'schema') ?? contents[0]?.schema,
    contents,
  }
}
