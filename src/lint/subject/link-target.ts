import {
  child,
  type Located,
  type OpenApiDescription,
  type Operation,
  operationByReference,
  operationElsewhere,
  pathItemsOf,
  pointerOf,
  referenceTarget,
  similarNames,
} from '../../openapi/index.ts'
import { operationsIn } from './operations.ts'
import type { LinkPlace, LinkTarget } from './subject.ts'

/** The operation that a Link Object leads to (OAS, Link Object: `operationRef`, `operationId`). */
export function targetOf({ object, description, response }: LinkPlace): LinkTarget {
  if (object === undefined) return { kind: 'none' }
  const ref = child(object, 'operationRef')
  if (typeof ref?.value === 'string') return byReference(description, ref, ref.value)
  const id = child(object, 'operationId')
  if (typeof id?.value !== 'string') return { kind: 'none' }
  const target = byId(description, id, id.value)
  // Whoever uses the component may be another document, with operations of its own.
  if (response === undefined && target.kind === 'unknown')
    return { kind: 'cannot-tell', at: id, why: `no response refers to this link, and ${target.why}` }
  return target
}

function byId(description: OpenApiDescription, at: Located, name: string): LinkTarget {
  const { byId } = operationsIn(description)
  const operation = byId.get(name) ?? operationElsewhere(description, name)
  if (operation !== undefined) return { kind: 'operation', operation }
  const failure = pathItemsOf(description).find((pathItem) => pathItem.failure !== undefined)?.failure
  if (failure !== undefined)
    return { kind: 'cannot-tell', at, why: `the path item ${JSON.stringify(failure.ref)} could not be read` }
  const ids = [...byId.keys()]
  const spelled = ids.filter((id) => bare(id) === bare(name))
  return {
    kind: 'unknown',
    field: 'operationId',
    at,
    name,
    why: 'no operation has this operationId',
    didYouMean: spelled.length > 0 ? spelled.slice(0, 3) : similarNames(ids, name, 3),
  }
}

function byReference(description: OpenApiDescription, at: Located, ref: string): LinkTarget {
  const operation = operationByReference(description, at, ref)
  if (operation !== undefined) return { kind: 'operation', operation }
  const target = description.follow(at, ref)
  const { all } = operationsIn(description)
  if (target.ok) {
    // Another file, and what is wrong there is for those who look at that.
    if (target.value.file !== description.file) return { kind: 'none' }
  } else {
    const inside = ref.startsWith('/paths/') ? likelyPointers(all, ref, at) : []
    if (inside.length > 0)
      return {
        kind: 'unknown',
        field: 'operationRef',
        at,
        name: ref,
        why: 'without "#" it is the path of a file',
        didYouMean: inside,
      }
    const uri = referenceTarget(at.file, ref)?.uri
    if (uri !== undefined && !description.files.has(uri)) return { kind: 'cannot-tell', at, why: target.error.message }
  }
  return {
    kind: 'unknown',
    field: 'operationRef',
    at,
    name: ref,
    why: target.ok
      ? 'what stands there is no operation'
      : ref.startsWith('#') && at.file !== description.file
        ? `there is nothing at this place of ${at.file.name}, in which it is read`
        : 'there is nothing at this place',
    didYouMean: likelyPointers(all, ref, at),
  }
}

/** `#/orders/{id}/get` for `#/paths/~1orders~1{id}/get`. */
function likelyPointers(operations: readonly Operation[], ref: string, from: Located): readonly string[] {
  const hash = ref.indexOf('#')
  const wanted = bare((hash === -1 ? ref : ref.slice(hash + 1)).replace(/^\/?paths\//, '').replaceAll('~1', '/'))
  const named = operations.filter(({ kind }) => kind === 'path')
  const exact = named.filter(({ path, method }) => bare(path + method) === wanted)
  const likely = exact.length > 0 ? exact : named.filter(({ path }) => bare(path) !== '' && wanted.startsWith(bare(path)))
  return likely
    .sort((a, b) => b.path.length - a.path.length)
    .slice(0, 3)
    .map(
      ({ path, method, description: { file } }) =>
        `${file === from.file ? '' : relativeTo(from.file.uri, file.uri)}#${pointerOf(['paths', path, method.toLowerCase()])}`,
    )
    .filter((one) => one !== ref)
}

/** How a file is referred to from another one: by the shortest way where both are in one place. */
function relativeTo(from: string, to: string): string {
  const [own, others] = [from.split('/'), to.split('/')]
  let same = 0
  while (same < own.length - 1 && same < others.length - 1 && own[same] === others[same]) same++
  // Only the scheme is the same.
  if (same < 3) return to
  return [...own.slice(same + 1).map(() => '..'), ...others.slice(same)].join('/')
}

/** Spellings of one name: without case and punctuation. */
function bare(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}
