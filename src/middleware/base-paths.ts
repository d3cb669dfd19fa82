import { everyBasePath, type OpenApiDescription, type OperationMatch } from '../openapi/index.ts'

/** How the routes of the application are found. */
export interface Router {
  readonly caseSensitive: boolean
  /** Nobody knows: a path that fits nothing as it is written is looked for without regard to case. What it is for, its answer has told. */
  readonly isUnknown?: true
}

type Match = (url: string) => OperationMatch | undefined

export interface BasePaths {
  /** In front of the paths of this server, without a slash at the end. */
  readonly served: readonly string[]
  /**
   * When the API is not under the path that its `servers` name: `basePath` is taken off, and each base path of the description is tried in its
   * place.
   */
  match(target: string, match: Match): OperationMatch | undefined
  /** Like `match` for a request that was for nothing, as if `basePath` had been left out, or had been `''`. */
  matchOtherwise(target: string, match: Match): OperationMatch | undefined
}

// Of those that are tried for a request that is for nothing.
const mostTried = 3

export function basePathsFor(description: OpenApiDescription, basePath: string | undefined, router: Router): BasePaths {
  const all = everyBasePath(description)
  const declared = all.map(concrete)
  const tried = declared.filter((base) => base !== '').slice(0, mostTried)
  const under = (target: string, bases: readonly string[], taken: string, match: Match): OperationMatch | undefined => {
    const path = pathOf(target)
    const [head, rest] = [path.slice(0, taken.length), path.slice(taken.length)]
    if (router.caseSensitive ? head !== taken : head.toLowerCase() !== taken.toLowerCase()) return undefined
    if (!/^(?:[/?]|$)/.test(rest)) return undefined
    for (const base of bases) {
      const found = match(base + (rest.startsWith('/') ? rest : `/${rest}`))
      if (found !== undefined) return found
    }
    return undefined
  }
  return {
    served: basePath === undefined ? all : [basePath],
    match: (target, match) => (basePath === undefined ? match(target) : under(target, declared, basePath, match)),
    matchOtherwise: (target, match) => (basePath === undefined ? under(target, tried, '', match) : match(target)),
  }
}

/** A variable stands for any segment, so that any will do. */
function concrete(base: string): string {
  return base.replace(/\{[^{}]*\}/g, '-')
}

function pathOf(target: string): string {
  return target.startsWith('/') ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
}
