import { child, isObjectValue, items, type Located, members } from './located.ts'
import type { Operation, PathItem } from './model.ts'
import { isRecord } from './pointer.ts'
import { absolute } from './reference.ts'
import type { ServerObject } from './types.ts'

/** More base paths than this from the variables of one server are not tried. */
const mostBasePaths = 64

/** Server Objects under a field `servers`; `undefined` when it is absent or empty, and the outer ones hold. */
export function serversAt(holder: Located): readonly Located<ServerObject>[] | undefined {
  const servers = items(child(holder, 'servers')).filter(
    (server) => isObjectValue(server) && typeof server.value.url === 'string',
  ) as Located<ServerObject>[]
  return servers.length === 0 ? undefined : servers
}

/** Server Objects of the operation itself, else of its path item; `undefined` when the document's would hold. */
export function ownServersOf(operation: Operation): readonly Located<ServerObject>[] | undefined {
  return serversAt(operation.at) ?? serversOfPathItem(operation.pathItem)
}

export function serversOfPathItem(pathItem: PathItem): readonly Located<ServerObject>[] | undefined {
  for (const part of pathItem.parts) {
    const servers = serversAt(part)
    if (servers !== undefined) return servers
  }
  return undefined
}

/**
 * The URL of a server, its variables replaced by `values` or their defaults. A relative one is resolved against the URL its document
 * was served at; `undefined` when there is none, or when what comes out is no URL.
 */
export function serverUrl(server: Located<ServerObject>, values: Readonly<Record<string, string>> = {}): string | undefined {
  const variables = variablesOf(server)
  const known = (name: string): string | undefined =>
    Object.hasOwn(values, name) ? values[name] : variables.get(name)?.values[0]
  const url = server.value.url.replace(/\{([^{}]*)\}/g, (whole, name: string) => known(name) ?? whole)
  if (/[{}]/.test(url)) return undefined
  return absolute(url, /^https?:/i.test(server.file.baseUri) ? server.file.baseUri : undefined)
}

/**
 * Path templates in front of every path, without a slash at the end: `''`, `/v1`, `/{basePath}`. Variables with an `enum` are
 * replaced by each of its values and the default; one without stands for its default or any one segment.
 */
export function basePathsOf(server: Located<ServerObject>): readonly string[] {
  const url = server.value.url
  const paths = new Set<string>()
  for (const one of expanded(url, variablesOf(server))) {
    paths.add(pathOf(one, server.file.baseUri))
    if (paths.size >= mostBasePaths) break
  }
  return [...paths]
}

interface Variable {
  readonly values: readonly string[]
  /** No `enum`: any value will do. */
  readonly free: boolean
}

function variablesOf(server: Located<ServerObject>): ReadonlyMap<string, Variable> {
  const variables = new Map<string, Variable>()
  for (const { name, at } of members(child(server, 'variables'))) {
    if (!isRecord(at.value)) continue
    const listed = Array.isArray(at.value.enum) ? at.value.enum.map(String) : []
    const fallback = at.value.default === undefined ? [] : [String(at.value.default)]
    variables.set(name, { values: [...new Set([...fallback, ...listed])], free: listed.length === 0 })
  }
  return variables
}

/** URLs with their variables replaced. In the authority one value is enough: only paths are compared. */
function expanded(url: string, variables: ReadonlyMap<string, Variable>): readonly string[] {
  const authorityEnd = /^(?:[^/?#]*:)?\/\/[^/?#]*/.exec(url)?.[0].length ?? 0
  let results = [
    url.slice(0, authorityEnd).replace(/\{([^{}]*)\}/g, (whole, name: string) => variables.get(name)?.values[0] ?? whole),
  ]
  const startsTheUrl = authorityEnd === 0
  for (const [piece, name] of pieces(url.slice(authorityEnd))) {
    const variable = name === undefined ? undefined : variables.get(name)
    const values = variable === undefined ? [piece] : [...variable.values]
    // At the very start it may be scheme and authority, which one segment cannot stand for.
    if (variable?.free && !(startsTheUrl && results.length === 1 && results[0] === '')) values.push(piece)
    results = results.flatMap((result) => values.map((value) => result + value)).slice(0, mostBasePaths)
  }
  return results
}

function pieces(text: string): readonly (readonly [piece: string, name: string | undefined])[] {
  return text
    .split(/(\{[^{}]*\})/)
    .filter((piece) => piece !== '')
    .map((piece) => [piece, piece.startsWith('{') && piece.endsWith('}') ? piece.slice(1, -1) : undefined] as const)
}

function pathOf(url: string, baseUri: string): string {
  const absolutePath = /^(?:[^/?#]*:)?\/\/[^/?#]*([^?#]*)/.exec(url)?.[1]
  if (absolutePath !== undefined) return withoutSlashAtEnd(absolutePath)
  const path = url.replace(/[?#].*$/s, '')
  if (path.startsWith('/')) return withoutSlashAtEnd(path)
  return withoutSlashAtEnd(relativeTo(path, baseUri))
}

// A relative server URL is resolved against the URL the document is served at (OAS 3.1, Server Object); a file has none.
function relativeTo(path: string, baseUri: string): string {
  const served = /^https?:/i.test(baseUri) ? baseUri : 'http://localhost/'
  try {
    return new URL(path, served).pathname.replace(/%7B/gi, '{').replace(/%7D/gi, '}')
  } catch {
    return `/${path}`
  }
}

function withoutSlashAtEnd(path: string): string {
  let end = path.length
  while (end > 0 && path.charCodeAt(end - 1) === 0x2f) end--
  return path.slice(0, end)
}
