import { type DescriptionFile, isRecord, referenceTarget } from '../openapi/index.ts'

/**
 * URIs of the other files that a file refers to, each once: by `$ref`, by the `operationRef` of a link, or by the mapping of a
 * discriminator. Goes through the plain data without recursion, and into shared objects once.
 */
export function externalReferences(file: DescriptionFile): readonly string[] {
  const found = new Set<string>()
  const seen = new Set<object>()
  const open: unknown[] = [file.root]
  const add = (ref: unknown): void => {
    if (typeof ref !== 'string' || ref.startsWith('#')) return
    const target = referenceTarget(file, ref)
    if (target !== undefined && target.uri !== file.uri && target.uri !== file.baseUri) found.add(target.uri)
  }
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value !== 'object' || value === null || seen.has(value)) continue
    seen.add(value)
    if (isRecord(value)) {
      if (Object.hasOwn(value, '$ref')) add(value.$ref)
      if (Object.hasOwn(value, 'operationRef')) add(value.operationRef)
      if (Object.hasOwn(value, 'discriminator')) for (const ref of mappedReferences(value.discriminator)) add(ref)
    }
    for (const below of Object.values(value)) if (typeof below === 'object') open.push(below)
  }
  return [...found]
}

// A mapping may name a schema instead; a name has no slash, no hash and no extension.
function mappedReferences(discriminator: unknown): readonly unknown[] {
  if (!isRecord(discriminator) || !isRecord(discriminator.mapping)) return []
  return Object.values(discriminator.mapping).filter(
    (target) => typeof target === 'string' && /[/#]|\.(?:ya?ml|json)$/i.test(target),
  )
}
