import { essenceOf, isJsonMediaType } from '../../http/index.ts'
import { type Content, jsonFirst } from '../content.ts'
import type { OpenApiDescription } from '../description.ts'
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

function verdictOf(description: OpenApiDescription, { mediaType, schema }: Content, tokens: readonly string[]): ContentVerdict {
  if (!hasMembers(mediaType))
    return { mediaType, verdict: { kind: 'cannot-tell', why: 'media-type', depth: 0, detail: undefined } }
  if (schema === undefined) return { mediaType, verdict: { kind: 'cannot-tell', why: 'no-schema', depth: 0, detail: undefined } }
  return { mediaType, verdict: lookUpSchema(description, schema, tokens) }
}

function hasMembers(mediaType: string): boolean {
  const essence = essenceOf(mediaType)
  return (
    isJsonMediaType(mediaType) ||
    essence === 'application/x-www-form-urlencoded' ||
    essence.startsWith('multipart/') ||
    essence.includes('*')
  )
}
