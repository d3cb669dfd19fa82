import type { DescriptionFile } from './description-file.ts'
import { child, descend, type Located, rootOf } from './located.ts'
import { isRecord, tokensOf } from './pointer.ts'
import { absolute } from './reference.ts'

/** What JSON Schema 2020-12 lets schemas call themselves (OAS 3.1 and later). */
export interface SchemaResources {
  /** Schemas by the absolute URI of their `$id`. */
  readonly byUri: ReadonlyMap<string, Located>
  /** Absolute URIs of `$id`s by the pointer of their schema. */
  readonly uris: ReadonlyMap<string, string>
  /** Schemas by `$anchor` or `$dynamicAnchor`; the first of each name. */
  readonly anchors: ReadonlyMap<string, Located>
}

const none: SchemaResources = { byUri: new Map(), uris: new Map(), anchors: new Map() }
const known = new WeakMap<DescriptionFile, SchemaResources>()

export function schemaResources(file: DescriptionFile): SchemaResources {
  let resources = known.get(file)
  if (resources === undefined) {
    // Few documents have any, and then nothing has to be walked.
    resources = file.source === undefined || /\$(?:id|anchor|dynamicAnchor)\b/.test(file.source.text) ? collect(file) : none
    known.set(file, resources)
  }
  return resources
}

function collect(file: DescriptionFile): SchemaResources {
  const byUri = new Map<string, Located>()
  const uris = new Map<string, string>()
  const anchors = new Map<string, Located>()
  const seen = new Set<unknown>()
  const open: { readonly at: Located; readonly base: string }[] = [{ at: rootOf(file), base: file.baseUri }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { at } = next
    let { base } = next
    if (typeof at.value !== 'object' || at.value === null || seen.has(at.value)) continue
    seen.add(at.value)
    if (isRecord(at.value)) {
      const id = text(at.value, '$id')
      const uri = id === undefined ? undefined : absolute(id, base)
      if (uri !== undefined) {
        base = uri
        uris.set(at.pointer, uri)
        if (!byUri.has(uri)) byUri.set(uri, at)
      }
      for (const anchor of [text(at.value, '$anchor'), text(at.value, '$dynamicAnchor')])
        if (anchor !== undefined && !anchors.has(anchor)) anchors.set(anchor, at)
    }
    for (const token of Object.keys(at.value).reverse()) {
      const below = child(at, token)
      if (below !== undefined) open.push({ at: below, base })
    }
  }
  return { byUri, uris, anchors }
}

function text(value: Readonly<Record<string, unknown>>, keyword: string): string | undefined {
  const found = Object.hasOwn(value, keyword) ? value[keyword] : undefined
  return typeof found === 'string' ? found : undefined
}

/** The URI of the schema with an `$id` that a value belongs to, if any. */
export function resourceUriOf(located: Located): string | undefined {
  const { uris } = schemaResources(located.file)
  if (uris.size === 0) return undefined
  for (let pointer = located.pointer; ; pointer = pointer.slice(0, pointer.lastIndexOf('/'))) {
    const uri = uris.get(pointer)
    if (uri !== undefined || pointer === '') return uri
  }
}

/** What a decoded fragment names below `root`: a JSON Pointer, or the `$anchor` of a schema. */
export function atFragment(root: Located, fragment: string): Located | undefined {
  if (fragment !== '' && !fragment.startsWith('/')) return schemaResources(root.file).anchors.get(fragment)
  const tokens = tokensOf(fragment)
  return tokens.ok ? descend(root, tokens.value) : undefined
}
