import type { Parameter } from '../../openapi/index.ts'

/** Parameters of the target that a key of a link's `parameters` may mean: by name, or by location and name (`path.id`). */
export function linkParameter(parameters: readonly Parameter[], key: string): readonly Parameter[] {
  const named = parameters.filter((one) => isNamed(one, key))
  if (named.length > 0) return named
  const [, location = '', name = ''] = /^(path|query|querystring|header|cookie)\.([\s\S]+)$/.exec(key) ?? []
  return parameters.filter((one) => one.in === location && isNamed(one, name))
}

function isNamed(parameter: Parameter, name: string): boolean {
  return parameter.in === 'header' ? parameter.name.toLowerCase() === name.toLowerCase() : parameter.name === name
}
