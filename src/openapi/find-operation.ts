import { err, ok, type Result } from '../util/index.ts'
import { callbacksOf } from './callback.ts'
import type { OpenApiDescription } from './description.ts'
import { type Located, placeOf } from './located.ts'
import type { Operation } from './model.ts'
import { operationsOf } from './operation.ts'
import { operationByTokens } from './operation-by-tokens.ts'
import { tokensOf } from './pointer.ts'
import { referenceTarget } from './reference.ts'
import { similarNames } from './similar.ts'

export interface OperationNotFound {
  readonly selector: string
  /** Selectors that would have been right, the likeliest first, at most three. */
  readonly didYouMean: readonly string[]
  readonly message: string
}

/**
 * An operation by its `operationId`, by method and path (`POST /orders/{id}`), or by a JSON Pointer (`#/paths/~1orders/post`), which
 * may lead into a callback or through a reference to another file. Names of path parameters do not matter.
 */
export function findOperation(description: OpenApiDescription, selector: string): Result<Operation, OperationNotFound> {
  const found = byPointer(description, selector) ?? byMethodAndPath(description, selector) ?? byOperationId(description, selector)
  if (found !== undefined) return ok(found)
  const didYouMean = similar(description, selector)
  const hint = didYouMean.length === 0 ? '' : ` Did you mean ${didYouMean.map((one) => JSON.stringify(one)).join(' or ')}?`
  const expected =
    'Expected an operationId, a method and a path such as "POST /orders", or a JSON Pointer such as "#/paths/~1orders/post"'
  return err({
    selector,
    didYouMean,
    message: `${expected}, but no operation of ${description.file.name} is ${JSON.stringify(selector)}.${hint}`,
  })
}

const known = new WeakMap<OpenApiDescription, ReadonlyMap<string, Operation>>()

/** Every operation: of paths and webhooks, then those of their callbacks, and of the callbacks of those. Each place once. */
export function everyOperation(description: OpenApiDescription): readonly Operation[] {
  return [...byPlace(description).values()]
}

/** The operation whose Operation Object stands at that place; for an `operationRef`, what `follow` has found. */
export function operationAt(description: OpenApiDescription, located: Located): Operation | undefined {
  return byPlace(description).get(placeOf(located))
}

function byPlace(description: OpenApiDescription): ReadonlyMap<string, Operation> {
  let operations = known.get(description)
  if (operations === undefined) {
    operations = collect(description)
    known.set(description, operations)
  }
  return operations
}

function collect(description: OpenApiDescription): ReadonlyMap<string, Operation> {
  const found = new Map<string, Operation>()
  const waiting = [...operationsOf(description)]
  for (let i = 0; i < waiting.length; i++) {
    const operation = waiting[i]
    if (operation === undefined || found.has(placeOf(operation.at))) continue
    found.set(placeOf(operation.at), operation)
    for (const callback of callbacksOf(operation)) for (const key of callback.keys) waiting.push(...key.operations)
  }
  return found
}

function byPointer(description: OpenApiDescription, selector: string): Operation | undefined {
  const hash = selector.indexOf('#')
  const reference = hash === -1 && selector.startsWith('/') ? `#${selector}` : selector
  if (!reference.includes('#/')) return undefined
  const target = description.follow(description.root, reference)
  if (target.ok) return operationAt(description, target.value)
  const tokens = reference.startsWith('#') ? tokensOf(referenceTarget(description.file, reference)?.fragment ?? '') : undefined
  return tokens?.ok ? operationByTokens(description, tokens.value) : undefined
}

function byMethodAndPath(description: OpenApiDescription, selector: string): Operation | undefined {
  const [, method = '', path = ''] = /^(\S+)\s+(\S.*)$/.exec(selector.trim()) ?? []
  if (path === '') return undefined
  const operations = operationsOf(description).filter((operation) => operation.method.toLowerCase() === method.toLowerCase())
  return (
    operations.find((operation) => operation.path === path) ??
    operations.find((operation) => unnamed(operation.path) === unnamed(path))
  )
}

function byOperationId(description: OpenApiDescription, selector: string): Operation | undefined {
  const same = (operation: Operation): boolean => operation.operationId === selector
  return operationsOf(description).find(same) ?? everyOperation(description).find(same)
}

function unnamed(path: string): string {
  return path.replace(/\{[^{}]*\}/g, '{}')
}

function similar(description: OpenApiDescription, selector: string): readonly string[] {
  const operations = operationsOf(description)
  const ids = operations.flatMap(({ operationId }) => operationId ?? [])
  const [method = '', path] = selector.trim().split(/\s+/)
  if (path === undefined) {
    const named = similarNames(ids, selector, 3)
    return named.length > 0
      ? named
      : operations
          .filter((one) => one.path === selector)
          .slice(0, 3)
          .map(({ method, path }) => `${method} ${path}`)
  }
  const paths = new Set(
    similarNames(
      operations.map((one) => one.path),
      path,
      3,
    ),
  )
  const sameMethodFirst = [...operations].sort((a, b) => Number(isMethod(b, method)) - Number(isMethod(a, method)))
  return sameMethodFirst
    .filter((one) => paths.has(one.path))
    .slice(0, 3)
    .map((one) => `${one.method} ${one.path}`)
}

function isMethod(operation: Operation, method: string): boolean {
  return operation.method.toLowerCase() === method.toLowerCase()
}
