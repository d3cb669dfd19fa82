import type { OpenApiDescription } from './description.ts'
import { operationsOf } from './operation.ts'
import { basePathsOf, ownServersOf, serversAt } from './server.ts'

/**
 * What the servers of a description, of its path items and of its operations put in front of paths, without a slash at the end, each once.
 * A variable without an `enum` also stays as `{name}`, which any segment can be.
 */
export function everyBasePath(description: OpenApiDescription): readonly string[] {
  const ofAll = serversAt(description.root)
  const named = [ofAll ?? [], ...operationsOf(description).map((operation) => ownServersOf(operation) ?? [])]
    .flat()
    .flatMap(basePathsOf)
  // A document without servers is served at the root.
  return [...new Set(ofAll === undefined ? ['', ...named] : named)]
}
