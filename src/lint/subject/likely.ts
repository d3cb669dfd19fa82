import { lookUpContent, type Operation, parametersOf, requestBodyOf } from '../../openapi/index.ts'

/** Expressions that read something of that very name in a request of the operation: a parameter, or a member of the body. */
export function namedLikewise(operation: Operation, name: string): readonly string[] {
  if (!/^[\w.-]+$/.test(name)) return []
  const found: string[] = []
  for (const parameter of parametersOf(operation).parameters) {
    if (parameter.name !== name) continue
    if (parameter.in === 'query' || parameter.in === 'path') found.push(`$request.${parameter.in}.${name}`)
    if (parameter.in === 'header') found.push(`$request.header.${name}`)
  }
  const body = requestBodyOf(operation)
  if (body !== undefined && lookUpContent(operation.description, body.contents, [name])?.verdict.kind === 'found')
    found.push(`$request.body#/${name}`)
  return found
}
