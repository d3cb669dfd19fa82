import type { OpenApiDescription } from './description.ts'
import type { Operation } from './model.ts'
import { pathItemsOf } from './operation.ts'
import { decodeSegment } from './path-template.ts'
import { PathTree } from './path-tree.ts'
import { basePathsOf, serversAt, serversOfPathItem } from './server.ts'

export interface OperationMatch {
  readonly operation: Operation
  /** Percent-decoded, by the names in the path template. */
  readonly pathParameters: Readonly<Record<string, string>>
  /** The base path of the server under which it was found, without a slash at the end. */
  readonly basePath: string
}

export interface MatchOptions {
  /** Whether upper and lower case differ in what a path says literally, as RFC 3986, 6.2.2.1, has it. Many routers see no difference. Default true. */
  readonly caseSensitive?: boolean
}

/**
 * The operation that a request is meant for; `undefined` when there is none. `url` may be absolute or only path and query; its
 * authority is not compared, since a server behind a proxy does not know its own.
 *
 * Concrete segments come before templated ones, from left to right, among the paths that have the method. `HEAD` falls to `GET` when
 * it is not declared (RFC 9110, 9.3.2); `OPTIONS` does not fall to anything. A slash at the end is ignored unless a path declares it.
 */
export function matchOperation(
  description: OpenApiDescription,
  method: string,
  url: string,
  { caseSensitive = true }: MatchOptions = {},
): OperationMatch | undefined {
  const known = caseSensitive ? withCase : withoutCase
  let compiled = known.get(description)
  if (compiled === undefined) {
    compiled = compile(description, caseSensitive)
    known.set(description, compiled)
  }
  const query = url.indexOf('?')
  const literal = url.length > longestUrl ? undefined : compiled.literal.get(query === -1 ? url : url.slice(0, query))
  if (literal === undefined) return searched(compiled.groups, method, url)
  let match = literal.get(method)
  if (match === undefined) {
    match = searched(compiled.groups, method, url) ?? null
    // Whoever sends requests may make up methods.
    if (literal.size < mostMethods) literal.set(method, match)
  }
  return match === null ? undefined : { ...match, pathParameters: { ...match.pathParameters } }
}

const mostMethods = 32

function searched(groups: readonly Group[], method: string, url: string): OperationMatch | undefined {
  const segments = segmentsOf(url)
  if (segments === undefined) return undefined
  const wanted = method.toUpperCase()
  return find(groups, segments, wanted, method) ?? find(groups, otherSlash(segments), wanted, method)
}

/** A target longer than this is no request of any server. */
const longestUrl = 1 << 20

function segmentsOf(url: string): readonly string[] | undefined {
  if (url.length > longestUrl) return undefined
  let start = 0
  if (url.charCodeAt(0) !== 0x2f) {
    const scheme = url.indexOf('://')
    start = scheme === -1 ? 0 : scheme + 3
    while (start < url.length && !isPathStart(url.charCodeAt(start))) start++
  }
  let end = start
  while (end < url.length && url.charCodeAt(end) !== 0x3f && url.charCodeAt(end) !== 0x23) end++
  if (end === start) return ['']
  const segments = url.slice(start + 1, end).split('/')
  for (let i = 0; i < segments.length; i++) segments[i] = decodeSegment(segments[i] ?? '')
  return segments
}

function isPathStart(unit: number): boolean {
  return unit === 0x2f || unit === 0x3f || unit === 0x23
}

function otherSlash(segments: readonly string[]): readonly string[] {
  return segments.at(-1) === '' ? segments.slice(0, -1) : [...segments, '']
}

/** Operations that share their servers. */
interface Group {
  readonly bases: readonly Bases[]
  readonly tree: PathTree<Leaf>
}

/** Base paths with the same number of segments, as one tree. */
interface Bases {
  readonly length: number
  readonly tree: PathTree<string>
}

interface Leaf {
  readonly names: readonly string[]
  readonly operations: Map<string, Operation>
}

interface Compiled {
  readonly groups: readonly Group[]
  /** Paths that a template spells out, in front of any other: what was found there by method, so that it is searched for once. */
  readonly literal: ReadonlyMap<string, Map<string, OperationMatch | null>>
}

const withCase = new WeakMap<OpenApiDescription, Compiled>()
const withoutCase = new WeakMap<OpenApiDescription, Compiled>()

function compile(description: OpenApiDescription, caseSensitive: boolean): Compiled {
  const literal = new Map<string, Map<string, OperationMatch | null>>()
  const groups = new Map<string, { basePaths: readonly string[]; tree: PathTree<Leaf> }>()
  const rootBases = basesOf(serversAt(description.root)) ?? ['']
  for (const pathItem of pathItemsOf(description)) {
    if (pathItem.kind !== 'path') continue
    const itemBases = basesOf(serversOfPathItem(pathItem)) ?? rootBases
    for (const operation of pathItem.operations) {
      const basePaths = basesOf(serversAt(operation.at)) ?? itemBases
      const key = JSON.stringify(basePaths)
      let group = groups.get(key)
      if (group === undefined) {
        group = { basePaths, tree: new PathTree(caseSensitive) }
        groups.set(key, group)
      }
      const { value: leaf } = group.tree.add(pathItem.path, (names) => ({ names, operations: new Map() }))
      if (!leaf.operations.has(operation.method)) leaf.operations.set(operation.method, operation)
      if (leaf.names.length > 0) continue
      for (const base of basePaths) literal.set(base + pathItem.path, new Map())
    }
  }
  const compiled = [...groups.values()].map(({ basePaths, tree }) => ({ bases: compileBases(basePaths, caseSensitive), tree }))
  return { groups: compiled, literal }
}

function basesOf(servers: ReturnType<typeof serversAt>): readonly string[] | undefined {
  return servers && [...new Set(servers.flatMap(basePathsOf))]
}

function compileBases(basePaths: readonly string[], caseSensitive: boolean): readonly Bases[] {
  const trees = new Map<number, PathTree<string>>()
  for (const path of basePaths) {
    const length = path === '' ? 0 : path.split('/').length - 1
    const tree = trees.get(length) ?? new PathTree(caseSensitive)
    trees.set(length, tree)
    if (path !== '') tree.add(path, () => path)
  }
  return [...trees].map(([length, tree]) => ({ length, tree }))
}

const anything = (): boolean => true
const noBase = { value: '', rank: '' }

function find(
  groups: readonly Group[],
  segments: readonly string[],
  wanted: string,
  asWritten: string,
): OperationMatch | undefined {
  let best: { match: OperationMatch; rank: string } | undefined
  for (const group of groups) {
    for (const { length, tree } of group.bases) {
      if (length > segments.length) continue
      const base = length === 0 ? noBase : tree.find(segments.slice(0, length), anything)
      const found = base && group.tree.find(segments, (leaf) => operationFor(leaf, wanted, asWritten) !== undefined, length)
      const operation = found && operationFor(found.value, wanted, asWritten)
      if (base === undefined || found === undefined || operation === undefined) continue
      // Whatever stands in front, more concrete comes first: base and path are compared as one.
      const rank = base.rank + found.rank
      if (best !== undefined && rank >= best.rank) continue
      best = { match: { operation, pathParameters: named(found.value.names, found.values), basePath: base.value }, rank }
    }
  }
  return best?.match
}

function operationFor(leaf: Leaf, wanted: string, asWritten: string): Operation | undefined {
  const { operations } = leaf
  return operations.get(asWritten) ?? operations.get(wanted) ?? (wanted === 'HEAD' ? operations.get('GET') : undefined)
}

function named(names: readonly string[], values: readonly string[]): Readonly<Record<string, string>> {
  const record: Record<string, string> = {}
  for (let i = 0; i < names.length; i++) {
    const name = names[i] ?? ''
    // An assignment to `__proto__` would be lost.
    if (name === '__proto__') Object.defineProperty(record, name, { value: values[i], enumerable: true })
    else record[name] = values[i] ?? ''
  }
  return record
}
