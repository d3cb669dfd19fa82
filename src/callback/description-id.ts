import { createHash, type Hash } from 'node:crypto'
import type { DescriptionFile, OpenApiDescription } from '../openapi/index.ts'

const ids = new WeakMap<OpenApiDescription, string>()
const byId = new Map<string, readonly WeakRef<OpenApiDescription>[]>()

/**
 * A hash of the text of all files of a description, wherever they stand: it is the same in every process that reads them. From now on
 * `rememberedDescription` finds the description as long as somebody holds it.
 */
export function descriptionIdOf(description: OpenApiDescription): string {
  let id = ids.get(description)
  if (id === undefined) {
    const contents = [...new Set(description.files.values())].map(digestOf)
    // The entry document first: which one it is makes a difference. The order of the others does not.
    const entry = digestOf(description.file)
    id = createHash('sha256')
      .update([entry, ...contents.sort()].join())
      .digest('base64url')
      .slice(0, 22)
    ids.set(description, id)
    remember(id, description)
  }
  return id
}

/** The description with this id, if this process has made targets from it and still holds it. */
export function rememberedDescription(id: string): OpenApiDescription | undefined {
  for (const reference of byId.get(id) ?? []) {
    const description = reference.deref()
    if (description !== undefined) return description
  }
  return undefined
}

/** Also those of the same text that was read twice: either may be let go first. */
function remember(id: string, description: OpenApiDescription): void {
  for (const [known, references] of byId) {
    const living = references.filter((reference) => reference.deref() !== undefined)
    if (living.length === 0) byId.delete(known)
    else if (living.length < references.length) byId.set(known, living)
  }
  byId.set(id, [...(byId.get(id) ?? []), new WeakRef(description)])
}

function digestOf(file: DescriptionFile): string {
  const hash = createHash('sha256')
  if (file.source === undefined) hashValue(hash, file.root)
  else hash.update(file.source.text)
  return hash.digest('base64url')
}

/** Without recursion, and each object once: a document given as an object may be deep, shared and cyclic. */
function hashValue(hash: Hash, root: unknown): void {
  const seen = new Map<object, number>()
  const open: unknown[] = [root]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value !== 'object' || value === null) {
      hash.update(`${typeof value} ${JSON.stringify(value) ?? String(value)},`)
      continue
    }
    const known = seen.get(value)
    if (known !== undefined) {
      hash.update(`^${known},`)
      continue
    }
    seen.set(value, seen.size)
    const keys = Object.keys(value)
    hash.update(`${Array.isArray(value) ? '[' : '{'}${JSON.stringify(keys)}`)
    for (const key of keys) open.push((value as Record<string, unknown>)[key])
  }
}
