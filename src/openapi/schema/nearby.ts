import type { OpenApiDescription } from '../description.ts'
import { child, items, members } from '../located.ts'
import { pointerOf } from '../pointer.ts'
import { isTypo } from '../similar.ts'
import { allOf, type Shape, schemaShape } from './shape.ts'
import { ownSchemas } from './traits.ts'

/** A property that exists, by the tokens that lead to it; `*` is any index. */
export interface NearbyProperty {
  readonly tokens: readonly string[]
}

const deepest = 8
const mostProperties = 3_000

/** Properties of a shape, nearer ones first. Recursive schemas are entered once on each way. */
export function propertiesBelow(description: OpenApiDescription, shape: Shape): readonly NearbyProperty[] {
  const found: NearbyProperty[] = []
  let level: { tokens: readonly string[]; shape: Shape; above: ReadonlySet<unknown> }[] = [
    { tokens: [], shape, above: new Set() },
  ]
  for (let depth = 0; depth < deepest && level.length > 0; depth++) {
    const below: typeof level = []
    for (const { tokens, shape: here, above } of level) {
      const schemas = ownSchemas(description, here).filter(({ value }) => !above.has(value))
      const entered = new Set([...above, ...schemas.map(({ value }) => value)])
      const inside = new Map<string, Shape[]>()
      for (const schema of schemas) {
        for (const { name, at } of members(child(schema, 'properties')))
          inside.set(name, [...(inside.get(name) ?? []), schemaShape(at)])
        const item = child(schema, 'items')
        const listed = [
          ...(item === undefined || Array.isArray(item.value) ? [] : [item]),
          ...items(child(schema, 'prefixItems')),
        ]
        for (const one of listed) inside.set('*', [...(inside.get('*') ?? []), schemaShape(one)])
      }
      for (const [name, shapes] of inside) {
        const at = [...tokens, name]
        if (found.length >= mostProperties) return found
        found.push({ tokens: at })
        below.push({ tokens: at, shape: allOf(shapes), above: entered })
      }
    }
    level = below
  }
  return found
}

const mostSuggestions = 3
const longestToken = 500

/** Pointers that may have been meant by `wanted`, of which the token at `depth` is missing; the likeliest first. */
export function suggestions(properties: readonly NearbyProperty[], wanted: readonly string[], depth: number): readonly string[] {
  if (wanted.some((token) => token.length > longestToken)) return []
  const split = wanted.flatMap((token) => token.split(/[.[\]]+/).filter((piece) => piece !== ''))
  const scored = properties
    .map((property) => ({ property, score: likeness(property.tokens, wanted, split, depth) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.property.tokens.length - b.property.tokens.length)
  const best = scored[0]?.score ?? 0
  // A clear winner is not watered down by guesses.
  return scored
    .filter(({ score }) => Math.floor(score) === Math.floor(best))
    .slice(0, mostSuggestions)
    .map(({ property }) => pointerOf(property.tokens))
}

/** 0: no likeness. The whole part is the kind of likeness, the fraction orders properties of one kind. */
function likeness(tokens: readonly string[], wanted: readonly string[], split: readonly string[], depth: number): number {
  const names = tokens.filter((token) => token !== '*')
  if (same(tokens, split)) return 6
  // `/subscription/url` for `/url`, `/url` for `/items/*/url`: the same names at the end.
  const ending = commonEnding(names, split)
  if (ending > 0) return 4 + nearness(ending / Math.max(names.length, split.length))
  const last = names.at(-1) ?? ''
  const meant = split.at(-1) ?? ''
  const siblings =
    tokens.length === wanted.length &&
    same(tokens.slice(0, depth), wanted.slice(0, depth)) &&
    same(tokens.slice(depth + 1), wanted.slice(depth + 1))
  if (siblings && (fold(tokens[depth]) === fold(wanted[depth]) || isTypo(tokens[depth] ?? '', wanted[depth] ?? ''))) return 5
  if (last !== '' && fold(last) === fold(meant)) return 3
  if (siblings && depth === tokens.length - 1 && sameThing(last, meant)) return 2
  if (meant.length > 4 && isTypo(last, meant)) return 1
  return 0
}

function nearness(share: number): number {
  return Math.min(0.99, share)
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((token, i) => token === b[i])
}

function commonEnding(a: readonly string[], b: readonly string[]): number {
  let count = 0
  while (count < a.length && count < b.length && a[a.length - 1 - count] === b[b.length - 1 - count]) count++
  return count
}

/** `notif_uri`, `notifURI` and `notifUrl` are one spelling each of the same name. */
function fold(name: string | undefined): string {
  return (name ?? '')
    .toLowerCase()
    .replace(/[-_ ]/g, '')
    .replace(/url/g, 'uri')
    .replace(/notification/g, 'notif')
    .replace(/notify/g, 'notif')
}

// `callbackUri` and `callbackReference`: the same first word, and both are words for an address.
function sameThing(a: string, b: string): boolean {
  const [first, ...rest] = words(a)
  const [other, ...others] = words(b)
  return first !== undefined && first === other && [...rest, first].some(isAddress) && [...others, first].some(isAddress)
}

function words(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[-_ .]+/)
    .filter((word) => word !== '')
}

function isAddress(word: string): boolean {
  return /^(?:ur[il]|reference|ref|href|link|endpoint|address|callback|webhook|sink)$/.test(word)
}
