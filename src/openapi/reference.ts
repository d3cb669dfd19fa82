import type { DescriptionFile } from './description-file.ts'
import type { Located } from './located.ts'
import { isRecord } from './pointer.ts'

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

/**
 * Where a reference in `file` points: an absolute URI without fragment, and the decoded fragment. `undefined`: it is no URI reference.
 * `base` is the `$id` of a schema around it.
 */
export function referenceTarget(
  file: DescriptionFile,
  ref: string,
  base?: string,
): { readonly uri: string; readonly fragment: string } | undefined {
  const hash = ref.indexOf('#')
  const path = hash === -1 ? ref : ref.slice(0, hash)
  const fragment = hash === -1 ? '' : decoded(ref.slice(hash + 1))
  if (path === '') return { uri: base ?? file.uri, fragment }
  const uri = absolute(path, base ?? file.baseUri)
  return uri === undefined ? undefined : { uri, fragment }
}

/** `undefined` when it cannot be resolved. */
export function absolute(reference: string, base: string | undefined): string | undefined {
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
