import { safeParseExpression } from '../../expression/index.ts'
import { lookUpContent, pointerOf, requestBodyOf } from '../../openapi/index.ts'
import type { Finding, Rule } from '../rule.ts'
import { type ExpressionUse, type Resolution, resolve } from '../subject/index.ts'
import { isInJsonPart } from './json-part.ts'
import { didYouMean, inUse, quoted, replaceEmbedded, replaceUse, wholeWith } from './support.ts'

type Missing = Resolution & { kind: 'missing' }

/** A schema that lists `properties` and says nothing of others is taken to be closed; every document in the field means it so. */
export const pointerNotInSchema: Rule = {
  name: 'pointer-not-in-schema',
  summary: 'A JSON Pointer leads to nothing in the schema of the body.',
  group: 'semantics',
  severity: 'error',
  fixable: true,
  *use(use) {
    const { resolution } = use
    if (resolution?.kind !== 'missing' || isInJsonPart(resolution)) return
    yield inUse(use, messageFor(use, resolution), { ...spanOfToken(use, resolution), ...meant(use, resolution) })
  },
}

function messageFor(use: ExpressionUse, missing: Missing): string {
  const { token, depth, parent, pointer, message, mediaType } = missing
  const before = pointerOf(pointer.tokens.slice(0, depth))
  const whole = `the ${message} body (${mediaType})`
  const place = before === '' ? whole : `${quoted(`#${before}`)} in ${whole}`
  const reason = {
    object: `has no property ${quoted(token)}`,
    array: `is an array, and ${quoted(token)} is no index of it`,
    scalar: `is no object, so there is no ${quoted(token)} in it`,
  }[parent]
  const tail = urlTail(use, missing)
  const near = tail === undefined ? nearby(use, missing).map((one) => `#${one}`) : [tail]
  return `${place.charAt(0).toUpperCase()}${place.slice(1)} ${reason}.${didYouMean(near)}`
}

function meant(use: ExpressionUse, missing: Missing): Partial<Finding> {
  const tail = urlTail(use, missing)
  if (tail !== undefined) {
    const { suggestion, fix } = replaceEmbedded(use, tail)
    // A lone slash may belong to the URL, or to nothing.
    return isLoneSlash(missing) || suggestion === undefined ? { ...(suggestion && { suggestion }) } : { suggestion, fix }
  }
  const [first, ...others] = nearby(use, missing)
  // Which of all items is meant nobody can tell, so there is no expression to put there.
  if (first === undefined || first.split('/').includes('*')) return {}
  const expression = `${use.text.slice(0, use.text.indexOf('#'))}#${first}`
  const isCertain = others.length === 0 && isSpelling(missing, first)
  return isCertain ? replaceUse(use, expression) : { suggestion: wholeWith(use, expression) }
}

/** Pointers that may have been meant; an index that was written is kept. */
function nearby({ subject, text }: ExpressionUse, missing: Missing): readonly string[] {
  const { pointer, didYouMean: found } = missing
  const trimmed = isLoneSlash(missing) ? safeParseExpression(text.slice(0, -1)) : undefined
  const { operation } = subject
  if (trimmed?.ok && operation !== undefined) {
    const response = subject.kind === 'link-value' ? subject.link.response : undefined
    if (resolve(trimmed.value, { operation, response })?.kind === 'found') return [pointerOf(pointer.tokens.slice(0, -1))]
  }
  // Where an index is wanted, the one that is written is kept, without the zeros that it may not begin with.
  const index = (i: number): string | undefined => /^0*(\d+)$/.exec(pointer.tokens[i] ?? '')?.[1]
  const written = pointerOf(pointer.tokens)
  return found
    .map((one) =>
      one
        .split('/')
        .map((token, i) => (token === '*' ? (index(i - 1) ?? token) : token))
        .join('/'),
    )
    .filter((one) => one !== written)
}

/** `#/url/` */
function isLoneSlash({ pointer, depth }: Missing): boolean {
  return depth > 0 && depth === pointer.tokens.length - 1 && pointer.tokens[depth] === ''
}

/** Certain: the same names, with dots instead of slashes, or in another case at the same level. */
function isSpelling({ pointer }: Missing, found: string): boolean {
  const wanted = pointer.tokens.join('/')
  const names = found.slice(1)
  return !names.includes('*') && (wanted.replaceAll('.', '/') === names || wanted.toLowerCase() === names.toLowerCase())
}

/** `$request.body#/url/data`: the tail belongs to the URL where the pointer before it leads to a text. */
function urlTail(use: ExpressionUse, { pointer, depth, parent, message }: Missing): string | undefined {
  const { operation, kind } = use.subject
  if (kind !== 'key' || operation === undefined || parent !== 'scalar' || depth === 0 || message !== 'request') return undefined
  const head = pointer.tokens.slice(0, depth)
  const verdict = lookUpContent(operation.description, requestBodyOf(operation)?.contents ?? [], head)?.verdict
  if (verdict?.kind !== 'found' || !verdict.types.includes('string')) return undefined
  const slash = nthSlash(use.text, depth + 1)
  return slash === -1 ? undefined : `{${use.text.slice(0, slash)}}${use.text.slice(slash)}`
}

function spanOfToken(use: ExpressionUse, { depth }: Missing): { start: number; end: number } | undefined {
  const slash = nthSlash(use.text, depth + 1)
  if (slash === -1) return undefined
  const next = use.text.indexOf('/', slash + 1)
  return { start: slash + 1, end: next === -1 ? use.text.length : next }
}

/** The n-th slash behind the hash. */
function nthSlash(text: string, n: number): number {
  let at = text.indexOf('#')
  for (let i = 0; i < n && at !== -1; i++) at = text.indexOf('/', at + 1)
  return at
}
