import { compile, type ExplainedPart, parseTemplate, type TemplatePart } from '../../src/expression/index.ts'
import { originOf } from './origin.ts'
import type { PartValue } from './segments.ts'

/** What one part of a key may have become in a URL. */
export function partValue({ text, result }: ExplainedPart, node: TemplatePart | undefined): PartValue {
  if (node === undefined) return { origin: 'nowhere', candidates: [] }
  const origin = originOf(node)
  if (node.kind === 'literal') return { origin, candidates: [text] }
  // The value of a `{name}` may come from the document, and be written in a style of its own.
  if (node.kind === 'path-parameter' || result === undefined || !result.ok) return { origin, candidates: [] }
  return { origin, candidates: [result.value].flat().flatMap(candidatesFor) }
}

const somewhere = 'http://host/x'
const inPath = compile(parseTemplate(`${somewhere}{value}`), { encode: 'url' })

/** As it is at the start of a URL, and as it is anywhere else. */
function candidatesFor(value: unknown): string[] {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return []
  const encoded = inPath({}, { value })
  return [String(value), ...(encoded.ok ? [encoded.value.slice(somewhere.length)] : [])]
}

const longest = 400

/** A value for people. */
export function shownValue(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value)
  return json.length > longest ? `${json.slice(0, longest)}… (${json.length} characters)` : json
}
