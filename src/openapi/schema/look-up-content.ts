import { essenceOf, isJsonMediaType } from '../../http/index.ts'
import { type Content, jsonFirst } from '../content.ts'
import type { OpenApiDescription } from '../description.ts'
import { child, items, type Located } from '../located.ts'
import { pointerOf } from '../pointer.ts'
import { lookUpSchema, type SchemaVerdict } from './look-up-schema.ts'

export type ContentVerdict =
  | { readonly mediaType: string; readonly verdict: SchemaVerdict }
  /** No JSON Pointer can be followed in it, or nothing is said of it. */
  | {
      readonly mediaType: string
      readonly verdict: {
        readonly kind: 'cannot-tell'
        readonly why: 'media-type' | 'no-schema'
        readonly depth: 0
        readonly detail: undefined
      }
    }

/**
 * The verdict for a body that may come in several media types: JSON before others, `found` before `cannot-tell` before `missing`.
 * Forms are records of their fields, multipart bodies of their parts. `undefined`: there is no content at all.
 */
export function lookUpContent(
  description: OpenApiDescription,
  contents: readonly Content[],
  tokens: readonly string[],
): ContentVerdict | undefined {
  const verdicts = jsonFirst(contents).map((content) => verdictOf(description, content, tokens))
  return (
    verdicts.find(({ verdict }) => verdict.kind === 'found') ??
    verdicts.find(({ verdict }) => verdict.kind === 'cannot-tell' && verdict.why !== 'media-type') ??
    verdicts.find(({ verdict }) => verdict.kind === 'missing') ??
    verdicts[0]
  )
}

function verdictOf(description: OpenApiDescription, content: Content, tokens: readonly string[]): ContentVerdict {
  const { mediaType, schema } = content
  if (!hasMembers(mediaType))
    return { mediaType, verdict: { kind: 'cannot-tell', why: 'media-type', depth: 0, detail: undefined } }
  if (schema === undefined) return { mediaType, verdict: { kind: 'cannot-tell', why: 'no-schema', depth: 0, detail: undefined } }
  const verdict = lookUpSchema(description, schema, tokens)
  if (verdict.kind !== 'missing' || verdict.parent !== 'scalar' || !hasParts(mediaType)) return { mediaType, verdict }
  return { mediaType, verdict: insideOfPart(description, content, schema, tokens, verdict) }
}

/**
 * A part, or a field of a form, that is text in the schema may be a JSON document: its media type stands in `encoding`, or with the
 * schema of what is inside in the text's own schema (`contentMediaType`, `contentSchema`).
 */
function insideOfPart(
  description: OpenApiDescription,
  { at }: Content,
  schema: Located,
  tokens: readonly string[],
  missing: SchemaVerdict & { readonly kind: 'missing' },
): SchemaVerdict {
  const { depth } = missing
  const part = depth === 0 ? undefined : lookUpSchema(description, schema, tokens.slice(0, depth))
  if (part?.kind !== 'found') return missing
  const texts = alternativesOf(description, part.schema)
  const inside = texts.flatMap((text) => child(text, 'contentSchema') ?? [])
  const verdicts = inside.map((one) => lookUpSchema(description, one, tokens.slice(depth)))
  const found = verdicts.find(({ kind }) => kind === 'found') ?? verdicts.find(({ kind }) => kind === 'cannot-tell')
  if (found?.kind === 'found') return { ...found, required: found.required && part.required }
  if (found?.kind === 'cannot-tell') return { ...found, depth: found.depth + depth }
  const [first] = verdicts
  // Known to be no such thing: inside of the part, the pointers that exist begin with its name.
  if (first?.kind === 'missing') {
    const before = pointerOf(tokens.slice(0, depth))
    return { ...first, depth: first.depth + depth, didYouMean: first.didYouMean.map((one) => before + one) }
  }
  const encoding = child(at, 'encoding')
  const own = encoding && child(encoding, tokens[0] ?? '')
  const types = [own && child(own, 'contentType'), ...texts.map((text) => child(text, 'contentMediaType'))]
  return types.some((one) => typeof one?.value === 'string' && one.value.split(',').some(mayBeJson))
    ? { kind: 'cannot-tell', why: 'open-schema', depth, detail: undefined }
    : missing
}

/** A schema, what it refers to, and those that it is put together from. */
function alternativesOf(description: OpenApiDescription, schema: Located, found: Located[] = []): readonly Located[] {
  const target = description.resolve(schema)
  if (!target.ok || found.length >= mostAlternatives || found.some(({ value }) => value === target.value.value)) return found
  found.push(target.value, ...(target.value.value === schema.value ? [] : [schema]))
  for (const keyword of ['allOf', 'anyOf', 'oneOf'])
    for (const one of items(child(target.value, keyword))) alternativesOf(description, one, found)
  return found
}

const mostAlternatives = 100

function mayBeJson(mediaType: string): boolean {
  return isJsonMediaType(mediaType.trim()) || essenceOf(mediaType).includes('*')
}

function hasParts(mediaType: string): boolean {
  const essence = essenceOf(mediaType)
  return essence === 'application/x-www-form-urlencoded' || essence.startsWith('multipart/') || essence.includes('*')
}

function hasMembers(mediaType: string): boolean {
  return isJsonMediaType(mediaType) || hasParts(mediaType)
}
