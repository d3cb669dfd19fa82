import type { Origin } from './origin.ts'

/** A piece of a resolved URL, and where it came from. Joined they are the URL. */
export interface Segment {
  readonly text: string
  readonly origin: Origin
  /** Index of the part of the key. */
  readonly part?: number
}

/** One part of a key, and what it may have become. */
export interface PartValue {
  readonly origin: Origin
  /** What may stand in the URL for it, encoded where that is needed. None: it is not known. */
  readonly candidates: readonly string[]
}

/**
 * Cuts a URL where one part of its key ends and the next begins. A URL that was resolved against a server begins with that; one that was
 * put together in another way is one piece.
 */
export function segmentsOf(url: string, parts: readonly PartValue[]): readonly Segment[] {
  const direct = cut(url, parts)
  if (direct !== undefined) return direct
  for (let start = 1; start < Math.min(url.length, longestServer); start++) {
    const rest = cut(url.slice(start), parts)
    if (rest !== undefined) return [{ text: url.slice(0, start), origin: 'server' }, ...rest]
  }
  return [{ text: url, origin: 'mixed' }]
}

const longestServer = 2000

function cut(url: string, parts: readonly PartValue[]): readonly Segment[] | undefined {
  const segments: Segment[] = []
  let at = 0
  for (const [part, { origin, candidates }] of parts.entries()) {
    const text = candidates.length === 0 ? unknownText(url, at, parts[part + 1]) : known(url, at, candidates)
    if (text === undefined) return undefined
    if (text !== '') segments.push({ text, origin, part })
    at += text.length
  }
  return at === url.length ? segments : undefined
}

function known(url: string, at: number, candidates: readonly string[]): string | undefined {
  // The longest that fits: of an array of URLs, one may begin like another.
  const texts = candidates.filter((text) => url.startsWith(text, at))
  return texts.sort((a, b) => b.length - a.length)[0]
}

/** Up to where the next part begins. */
function unknownText(url: string, at: number, next: PartValue | undefined): string | undefined {
  const [text] = next?.candidates ?? []
  if (text === undefined || text === '') return url.slice(at)
  const end = url.indexOf(text, at)
  return end === -1 ? undefined : url.slice(at, end)
}
