import { err, ok, type Result } from '../util/index.ts'
import type { DescriptionFile } from './description-file.ts'
import { type Located, placeOf, rootOf } from './located.ts'
import {
  absolute,
  type ReferenceFailure,
  type ReferenceFailureReason,
  referenceTarget,
  refOf,
  type UnavailableFile,
} from './reference.ts'
import { atFragment, resourceUriOf, schemaResources } from './schema-resources.ts'
import type { OpenApiObject, OpenApiVersion } from './types.ts'

export interface DescriptionParts {
  readonly version: OpenApiVersion
  /** The entry document. */
  readonly file: DescriptionFile
  /** Every file that was read, the entry document too, by URI. */
  readonly files: ReadonlyMap<string, DescriptionFile>
  /** Files that are referred to and could not be had, by URI. */
  readonly unavailable: ReadonlyMap<string, UnavailableFile>
}

/** More links of a chain than anyone writes. */
const longestChain = 1_000

/**
 * An OpenAPI Description: one document, or several that refer to each other. Never changes; whatever is compiled from it may be
 * kept in a WeakMap under it.
 */
export class OpenApiDescription {
  readonly version: OpenApiVersion
  readonly file: DescriptionFile
  /** Every file that was read, the entry document first, by URI. */
  readonly files: ReadonlyMap<string, DescriptionFile>
  /** Files that are referred to and could not be had, by URI. */
  readonly unavailable: ReadonlyMap<string, UnavailableFile>
  readonly root: Located<OpenApiObject>

  readonly #byUri: ReadonlyMap<string, DescriptionFile>
  #resources: ReadonlyMap<string, Located> | undefined

  constructor(parts: DescriptionParts) {
    this.version = parts.version
    this.file = parts.file
    this.files = parts.files
    this.#byUri = withSelf(parts.files)
    this.unavailable = parts.unavailable
    this.root = rootOf(parts.file) as Located<OpenApiObject>
  }

  /**
   * What a Reference Object stands for, through chains and other files; any other value stands for itself. Only this one value is
   * followed, never what is inside it, so recursive schemas do no harm.
   */
  resolve(located: Located): Result<Located, ReferenceFailure> {
    let at = located
    let seen: Set<string> | undefined
    for (let steps = 0; ; steps++) {
      const ref = refOf(at.value)
      if (ref === undefined) return ok(at)
      seen ??= new Set()
      const place = placeOf(at)
      if (seen.has(place) || steps >= longestChain) return this.#failure('cyclic', ref, at, 'it leads back to itself')
      seen.add(place)
      const target = this.#lookUp(at, ref)
      if (!target.ok) return target
      at = target.value
    }
  }

  /** One step: what this URI reference, written at `at`, points to. It need not be in a `$ref`: `operationRef` is one as well. */
  follow(at: Located, ref: string): Result<Located, ReferenceFailure> {
    return this.#lookUp(at, ref)
  }

  #lookUp(at: Located, ref: string): Result<Located, ReferenceFailure> {
    const named = this.version === '3.0' ? undefined : this.#inResources(at, ref)
    if (named !== undefined) return ok(named)
    const target = referenceTarget(at.file, ref)
    if (target === undefined) return this.#failure('not-found', ref, at, 'it is no URI reference')
    const file = this.#byUri.get(target.uri)
    if (file === undefined) {
      const why = this.unavailable.get(target.uri)
      return this.#failure(why?.reason ?? 'not-found', ref, at, why?.message ?? `${target.uri} is not part of this description`)
    }
    const found = atFragment(rootOf(file), target.fragment)
    return found ? ok(found) : this.#failure('not-found', ref, at, `there is nothing at "#${target.fragment}" in ${file.name}`)
  }

  // By the `$id`s of schemas. Authors also write references as if those were not there, so what is not found is looked for without.
  #inResources(at: Located, ref: string): Located | undefined {
    this.#resources ??= resourcesOf(this.files)
    if (this.#resources.size === 0) return undefined
    const target = referenceTarget(at.file, ref, resourceUriOf(at))
    const resource = target && this.#resources.get(target.uri)
    return target && resource && atFragment(resource, target.fragment)
  }

  #failure(reason: ReferenceFailureReason, ref: string, at: Located, why: string): Result<never, ReferenceFailure> {
    return err({ reason, ref, at, message: `The reference ${JSON.stringify(ref)} cannot be followed: ${why}.` })
  }
}

/** A document is also found under the URI it gives itself (OAS 3.2, `$self`). */
function withSelf(files: ReadonlyMap<string, DescriptionFile>): ReadonlyMap<string, DescriptionFile> {
  const all = new Map(files)
  for (const file of files.values()) {
    const self = absolute('', file.baseUri)
    if (self !== undefined && !all.has(self)) all.set(self, file)
  }
  return all
}

function resourcesOf(files: ReadonlyMap<string, DescriptionFile>): ReadonlyMap<string, Located> {
  const all = new Map<string, Located>()
  for (const file of files.values())
    for (const [uri, schema] of schemaResources(file).byUri) if (!all.has(uri)) all.set(uri, schema)
  return all
}
