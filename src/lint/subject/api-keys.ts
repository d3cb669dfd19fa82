import {
  child,
  isObjectValue,
  items,
  type Located,
  members,
  type OpenApiDescription,
  type Operation,
  rootOf,
} from '../../openapi/index.ts'

/** A parameter that a Security Scheme Object of type `apiKey` puts into requests, without a Parameter Object. */
export interface ApiKey {
  readonly name: string
  readonly in: 'query' | 'header' | 'cookie'
  /** Each way to be let in needs it. */
  readonly required: boolean
}

/**
 * API keys that a request of an operation may carry: of all schemes that are declared, because a client may always send one, and of
 * those that a requirement names by URI (OAS 3.2). `failures`: references to schemes that could not be followed.
 */
export function apiKeysOf(operation: Operation): { readonly keys: readonly ApiKey[]; readonly failures: readonly string[] } {
  const requirements = items(child(operation.at, 'security') ?? child(operation.description.root, 'security'))
  const failures: string[] = []
  const keys: ApiKey[] = []
  for (const [scheme, at] of schemesOf(operation, requirements)) {
    const target = operation.description.resolve(at)
    if (!target.ok) failures.push(target.error.ref)
    else {
      const key = keyIn(target.value)
      const isIn = (requirement: Located): boolean => members(requirement).some(({ name }) => name === scheme)
      if (key !== undefined) keys.push({ ...key, required: requirements.length > 0 && requirements.every(isIn) })
    }
  }
  // One scheme may be found by its name and by its URI.
  return { keys: keys.sort((a, b) => Number(b.required) - Number(a.required)), failures }
}

function schemesOf({ description, at }: Operation, requirements: readonly Located[]): ReadonlyMap<string, Located> {
  const schemes = new Map<string, Located>()
  for (const root of [description.root, rootOf(at.file)]) {
    const components = child(root, 'components')
    for (const { name, at } of members(components && child(components, 'securitySchemes')))
      if (!schemes.has(name)) schemes.set(name, at)
  }
  for (const { name, at } of requirements.flatMap(members)) {
    const target = schemes.has(name) ? undefined : byUri(description, at, name)
    if (target !== undefined) schemes.set(name, target)
  }
  return schemes
}

/** OAS 3.2, Security Requirement Object: a name may be the URI of a scheme. */
function byUri(description: OpenApiDescription, at: Located, uri: string): Located | undefined {
  if (!/[/#]/.test(uri)) return undefined
  const target = description.follow(at, uri)
  return target.ok ? target.value : { ...at, value: { $ref: uri } }
}

function keyIn(scheme: Located): Omit<ApiKey, 'required'> | undefined {
  if (!isObjectValue(scheme) || scheme.value.type !== 'apiKey') return undefined
  const { name, in: location } = scheme.value
  if (typeof name !== 'string' || (location !== 'query' && location !== 'header' && location !== 'cookie')) return undefined
  return { name, in: location }
}
