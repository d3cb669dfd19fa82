import { child, isObjectValue, items, type Located, members, type OpenApiDescription, rootOf } from '../../openapi/index.ts'

/** Where an extension stands, anywhere in the files of a description. */
export function* fieldsIn({ files }: OpenApiDescription, name: string): Iterable<Located> {
  const seen = new Set<unknown>()
  for (const file of files.values()) {
    // Few documents have one, and to look at every object of the others would take long.
    if (file.source !== undefined && !file.source.text.includes(name)) continue
    const open = [rootOf(file)]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (typeof at.value !== 'object' || seen.has(at.value)) continue
      seen.add(at.value)
      const own = isObjectValue(at) ? child(at, name) : undefined
      if (own !== undefined) yield own
      open.push(...members(at).map((member) => member.at), ...items(at))
    }
  }
}
