import { child, isRecord, items, type Located, type OpenApiDescription } from '../../openapi/index.ts'
import { partsOf } from '../../schema/index.ts'

/** Values looked at, and properties told. */
const mostVisits = 5000
const mostFound = 20

/** JSON Pointers to the members of a body that its schema calls `readOnly`: a request should not have them. */
export function readOnlyIn(description: OpenApiDescription, schema: Located, body: unknown): readonly string[] {
  const found: string[] = []
  // Without recursion: the nesting is the sender's.
  const waiting: { readonly value: unknown; readonly pointer: string; readonly schema: Located }[] = [
    { value: body, pointer: '', schema },
  ]
  for (let i = 0; i < waiting.length && found.length < mostFound; i++) {
    const at = waiting[i]
    if (at === undefined || typeof at.value !== 'object' || at.value === null) continue
    for (const part of partsOf(description, at.schema)) {
      if (waiting.length > mostVisits) break
      if (Array.isArray(at.value)) {
        const item = child(part, 'items')
        if (item === undefined) continue
        for (const [n, value] of at.value.slice(0, mostVisits).entries()) {
          waiting.push({ value, pointer: `${at.pointer}/${n}`, schema: items(item)[n] ?? item })
        }
        continue
      }
      const properties = child(part, 'properties')
      if (properties === undefined || !isRecord(at.value)) continue
      for (const [name, value] of Object.entries(at.value)) {
        const property = child(properties, name)
        if (property === undefined) continue
        const pointer = `${at.pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
        const isHidden = partsOf(description, property).some((one) => isRecord(one.value) && one.value.readOnly === true)
        if (isHidden && !found.includes(pointer)) found.push(pointer)
        else if (!isHidden) waiting.push({ value, pointer, schema: property })
      }
    }
  }
  return found
}
