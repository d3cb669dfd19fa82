import { child, DocumentError, isRecord, type Located, type OpenApiDescription, rangeOf, refOf } from '../openapi/index.ts'

/** More values than the structure of a real document has once every reference is replaced by what it stands for. */
const mostValues = 1_000_000
const deepest = 500

/**
 * Checks a description against the JSON Schema of its OAS version with swagger-parser. That follows references by itself, changes what it is
 * given, and takes for ever on references that multiply: so it gets a copy without any, made within bounds.
 *
 * Rejects with a `DocumentError` that points at the first thing that is wrong. OAS 3.2 has no schema there: it rejects too.
 */
export async function checkStructure(description: OpenApiDescription): Promise<void> {
  const { file, version, root } = description
  const refuse = (message: string, at: Located = root): DocumentError =>
    new DocumentError(message, { file: file.name, position: rangeOf(at)?.start })
  if (version === '3.2')
    throw refuse('the structure of OpenAPI 3.0 and 3.1 can be validated, that of 3.2 cannot: leave out "validate"')
  const copy = new Expansion(description).of(root)
  if (copy === tooLarge)
    throw refuse(`its structure cannot be validated: with references replaced it has more than ${mostValues} values`)
  // Loaded only now: few ask for it.
  const { default: SwaggerParser } = await import('@apidevtools/swagger-parser')
  // Patch versions that are newer than the schemas differ from them in wording only.
  const api = { ...(copy as Record<string, unknown>), openapi: version === '3.0' ? '3.0.3' : '3.1.0' }
  try {
    await SwaggerParser.validate(api as never, { resolve: { external: false }, validate: { schema: true, spec: false } })
  } catch (error) {
    const detail = deepestDetail(error)
    if (detail === undefined) throw refuse(`its structure is not valid: ${(error as Error).message}`)
    const found = nearest(description, root, detail.instancePath)
    throw refuse(
      `its structure is not valid: ${found.pointer === '' ? 'the document' : `#${found.pointer}`} ${detail.message}`,
      found,
    )
  }
}

interface Detail {
  readonly instancePath: string
  readonly message: string
}

/** Of alternatives that all failed, the one that came furthest says most. */
function deepestDetail(error: unknown): Detail | undefined {
  const details = isRecord(error) && Array.isArray(error.details) ? (error.details as Detail[]) : []
  return details.reduce<Detail | undefined>(
    (best, detail) => (best === undefined || depth(detail) > depth(best) ? detail : best),
    undefined,
  )
}

function depth({ instancePath }: Detail): number {
  return instancePath.split('/').length
}

/** The place in the files of a place in the copy, or the last one on the way that can be told. */
function nearest(description: OpenApiDescription, root: Located, pointer: string): Located {
  let at = root
  for (const token of pointer.split('/').slice(1)) {
    const resolved = description.resolve(at)
    const next = resolved.ok ? child(resolved.value, token.replaceAll('~1', '/').replaceAll('~0', '~')) : undefined
    if (next === undefined) break
    at = next
  }
  return at
}

const tooLarge: unique symbol = Symbol('too large')

/** Copies with every reference replaced. What leads back into itself, or nowhere, becomes `{}`, which says nothing. */
class Expansion {
  readonly #description: OpenApiDescription
  readonly #open = new Set<unknown>()
  #values = 0

  constructor(description: OpenApiDescription) {
    this.#description = description
  }

  of(at: Located, depth = 0): unknown {
    if (++this.#values > mostValues || depth > deepest) return tooLarge
    const { value } = at
    if (typeof value !== 'object' || value === null) return value
    if (this.#open.has(value)) return {}
    this.#open.add(value)
    const copy = refOf(value) === undefined ? this.#inside(at, depth) : this.#target(at, depth)
    this.#open.delete(value)
    return copy
  }

  #target(at: Located, depth: number): unknown {
    const target = this.#description.resolve(at)
    return target.ok ? this.of(target.value, depth + 1) : {}
  }

  #inside(at: Located, depth: number): unknown {
    if (Array.isArray(at.value)) {
      const items: unknown[] = []
      for (const index of at.value.keys()) {
        const item = this.#member(at, String(index), depth)
        if (item === tooLarge) return tooLarge
        items.push(item)
      }
      return items
    }
    const members: Record<string, unknown> = {}
    for (const name of Object.keys(at.value as object)) {
      const member = this.#member(at, name, depth)
      if (member === tooLarge) return tooLarge
      Object.defineProperty(members, name, { value: member, enumerable: true, configurable: true, writable: true })
    }
    return members
  }

  #member(at: Located, name: string, depth: number): unknown {
    const member = child(at, name)
    return member === undefined ? undefined : this.of(member, depth + 1)
  }
}
