import type { DescriptionFile } from './description-file.ts'
import { child, type Located } from './located.ts'
import { isRecord, tokensOf } from './pointer.ts'

export type ReferenceFailureReason = 'not-found' | 'remote-not-allowed' | 'outside-root' | 'cyclic' | 'unreadable'

/** Why a `$ref` leads nowhere. */
export interface ReferenceFailure {
  readonly reason: ReferenceFailureReason
  /** As it is written. */
  readonly ref: string
  /** The Reference Object that could not be followed: the last one of a chain. */
  readonly at: Located
  readonly message: string
}

/** A file that was referred to and is not there, and why. */
export interface UnavailableFile {
  readonly reason: Exclude<ReferenceFailureReason, 'cyclic'>
  readonly message: string
}

/** The text of an own `$ref`, if the value is a Reference Object. */
export function refOf(value: unknown): string | undefined {
  return isRecord(value) && Object.hasOwn(value, '$ref') && typeof value.$ref === 'string' ? value.$ref : undefined
}

/** Where a reference in `file` points: an absolute URI without fragment, and the decoded fragment. `undefined`: it is no URI reference. */
export function referenceTarget(
  file: DescriptionFile,
  ref: string,
): { readonly uri: string; readonly fragment: string } | undefined {
  const hash = ref.indexOf('#')
  const path = hash === -1 ? ref : ref.slice(0, hash)
  const fragment = hash === -1 ? '' : decoded(ref.slice(hash + 1))
  if (path === '') return { uri: file.uri, fragment }
  const uri = absolute(path, file.baseUri)
  return uri === undefined ? undefined : { uri, fragment }
}

/** `undefined` when it cannot be resolved. */
export function absolute(reference: string, base: string): string | undefined {
  try {
    const url = new URL(reference, base)
    url.hash = ''
    return url.href
  } catch {
    return undefined
  }
}

/** RFC 6901, section 6: a pointer in a fragment is percent-encoded. What does not decode is taken as it is. */
function decoded(fragment: string): string {
  if (!fragment.includes('%')) return fragment
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}

/** The value a fragment names in a file: a JSON Pointer, or the `$anchor` of a schema (OAS 3.1 and later). */
export function atFragment(root: Located, fragment: string): Located | undefined {
  if (fragment !== '' && !fragment.startsWith('/')) return anchored(root, fragment)
  const tokens = tokensOf(fragment)
  if (!tokens.ok) return undefined
  let at: Located | undefined = root
  for (const token of tokens.value) {
    if (at === undefined) return undefined
    at = child(at, token)
  }
  return at
}

const anchors = new WeakMap<DescriptionFile, ReadonlyMap<string, Located>>()

function anchored(root: Located, name: string): Located | undefined {
  let known = anchors.get(root.file)
  if (known === undefined) {
    known = collectAnchors(root)
    anchors.set(root.file, known)
  }
  return known.get(name)
}

function collectAnchors(root: Located): ReadonlyMap<string, Located> {
  const found = new Map<string, Located>()
  const seen = new Set<unknown>()
  const open: Located[] = [root]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (typeof at.value !== 'object' || at.value === null || seen.has(at.value)) continue
    seen.add(at.value)
    if (isRecord(at.value)) {
      for (const keyword of ['$anchor', '$dynamicAnchor']) {
        const name = Object.hasOwn(at.value, keyword) ? at.value[keyword] : undefined
        if (typeof name === 'string' && !found.has(name)) found.set(name, at)
      }
    }
    for (const token of Object.keys(at.value)) {
      const below = child(at, token)
      if (below !== undefined) open.push(below)
    }
  }
  return found
}
