import { child, type Located, members } from './located.ts'
import type { ReferenceFailure } from './reference.ts'
import type { Response } from './response.ts'
import type { LinkObject } from './types.ts'

/** A Link Object of a response, with its `$ref` followed. */
export interface Link {
  readonly name: string
  readonly response: Response
  /** Where it stands in the response, before any `$ref`. */
  readonly at: Located
  /** The Link Object. `undefined` when its `$ref` cannot be followed. */
  readonly object: Located<LinkObject> | undefined
  readonly failure: ReferenceFailure | undefined
}

/** Links of a response in document order; extensions are left out. */
export function linksOf(response: Response): readonly Link[] {
  if (response.object === undefined) return []
  return members(child(response.object, 'links'))
    .filter(({ name }) => !name.startsWith('x-'))
    .map(({ name, at }) => {
      const target = response.operation.description.resolve(at)
      const object = target.ok ? (target.value as Located<LinkObject>) : undefined
      return { name, response, at, object, failure: target.ok ? undefined : target.error }
    })
}
