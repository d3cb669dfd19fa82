import {
  basePathsOf,
  type OpenApiDescription,
  type OperationMatch,
  operationsOf,
  ownServersOf,
  serversAt,
} from '../openapi/index.ts'

/** How the routes of the application are found. */
export interface Router {
  readonly caseSensitive: boolean
}

type Match = (url: string) => OperationMatch | undefined

/**
 * How a request target is matched when the API is not under the path that its `servers` name: `basePath` is taken off, and each base path of
 * the description is tried in its place.
 */
export function basesOf(
  description: OpenApiDescription,
  basePath: string | undefined,
  router: Router,
): (target: string, match: Match) => OperationMatch | undefined {
  if (basePath === undefined) return (target, match) => match(target)
  const lists = [
    serversAt(description.root) ?? [],
    ...operationsOf(description).map((operation) => ownServersOf(operation) ?? []),
  ]
  const named = lists.flat().flatMap(basePathsOf)
  // A document without servers is served at the root.
  const declared = [...new Set(serversAt(description.root) === undefined ? ['', ...named] : named)].map(concrete)
  return (target, match) => {
    const path = pathOf(target)
    const [head, rest] = [path.slice(0, basePath.length), path.slice(basePath.length)]
    if (router.caseSensitive ? head !== basePath : head.toLowerCase() !== basePath.toLowerCase()) return undefined
    if (!/^(?:[/?]|$)/.test(rest)) return undefined
    for (const base of declared) {
      const found = match(base + (rest.startsWith('/') ? rest : `/${rest}`))
      if (found !== undefined) return found
    }
    return undefined
  }
}

/** A variable stands for any segment, so that any will do. */
function concrete(base: string): string {
  return base.replace(/\{[^{}]*\}/g, '-')
}

function pathOf(target: string): string {
  return target.startsWith('/') ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
}
