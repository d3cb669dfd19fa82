import type { OpenApiDescription } from './description.ts'
import type { DescriptionFile } from './description-file.ts'
import { everyOperation, operationAt } from './find-operation.ts'
import { type Located, placeOf } from './located.ts'
import type { Operation } from './model.ts'
import { operationByTokens } from './operation-by-tokens.ts'
import { descriptionOf } from './parse-description.ts'
import { isRecord, tokensOf } from './pointer.ts'
import { referenceTarget } from './reference.ts'

/**
 * The operation that an `operationRef`, written at `at`, leads to: also through the `$ref` of a path item, and in another file that is an
 * OpenAPI document itself. An operation from there has a description of its own, in which that document is the entry.
 */
export function operationByReference(description: OpenApiDescription, at: Located, reference: string): Operation | undefined {
  const target = description.follow(at, reference)
  if (target.ok) {
    const found = operationAt(description, target.value)
    const document = found === undefined ? documentOf(description, target.value.file) : undefined
    return found ?? (document && operationAt(document, target.value))
  }
  const root = description.follow(at, reference.replace(/#.*$/s, '') || '#')
  const document = root.ok ? documentOf(description, root.value.file) : undefined
  const tokens = tokensOf(referenceTarget(at.file, reference)?.fragment ?? '')
  return document && tokens.ok ? operationByTokens(document, tokens.value) : undefined
}

/** The only operation with that `operationId` in the other OpenAPI documents of the description; `undefined` also when there are several. */
export function operationElsewhere(description: OpenApiDescription, operationId: string): Operation | undefined {
  const [found, ...others] = elsewhere(description).get(operationId) ?? []
  return others.length === 0 ? found : undefined
}

const operations = new WeakMap<OpenApiDescription, ReadonlyMap<string, readonly Operation[]>>()

function elsewhere(description: OpenApiDescription): ReadonlyMap<string, readonly Operation[]> {
  const known = operations.get(description)
  if (known !== undefined) return known
  const byId = new Map<string, Operation[]>()
  const seen = new Set<string>()
  for (const file of description.files.values()) {
    const document = file === description.file ? undefined : documentOf(description, file)
    for (const operation of document === undefined ? [] : everyOperation(document)) {
      const { operationId, at } = operation
      if (operationId === undefined || seen.has(placeOf(at))) continue
      seen.add(placeOf(at))
      const same = byId.get(operationId)
      if (same === undefined) byId.set(operationId, [operation])
      else same.push(operation)
    }
  }
  operations.set(description, byId)
  return byId
}

const documents = new WeakMap<OpenApiDescription, Map<DescriptionFile, OpenApiDescription | undefined>>()

/** The description as it is seen from another of its files; `undefined` when that is no OpenAPI document. */
function documentOf(description: OpenApiDescription, file: DescriptionFile): OpenApiDescription | undefined {
  if (file === description.file) return description
  const known = documents.get(description) ?? new Map<DescriptionFile, OpenApiDescription | undefined>()
  documents.set(description, known)
  if (!known.has(file)) known.set(file, seenFrom(description, file))
  return known.get(file)
}

function seenFrom({ files, unavailable }: OpenApiDescription, file: DescriptionFile): OpenApiDescription | undefined {
  if (!isRecord(file.root) || !isOpenApiVersion(file.root.openapi)) return undefined
  const others = [...files].filter(([, one]) => one !== file)
  return descriptionOf(file, new Map([[file.uri, file], ...others]), unavailable)
}

function isOpenApiVersion(field: unknown): boolean {
  return typeof field === 'string' && /^3\.[012](?:[.-]|$)/.test(field)
}
