/** A request as it came, whatever server it came through. */
export interface Arrival {
  readonly method: string
  /** The request target as sent: path and query; a scheme and host before it are ignored. */
  readonly target: string
  /** Every field line, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Content
  readonly remoteAddress?: string
}

/** The content of a request. `consumed`: somebody read it before us, and the bytes are gone. */
export type Content =
  | { readonly kind: 'none' }
  | { readonly kind: 'consumed' }
  | { readonly kind: 'stream'; pull(): Promise<Uint8Array | undefined> }

/** All lines of a field in one, or `undefined`. */
export function fieldOf(headers: Arrival['headers'], name: string): string | undefined {
  const lines = headers.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value)
  return lines.length === 0 ? undefined : lines.join(', ')
}

export interface TargetParts {
  /** `<id>.<secret>`, as sent. */
  readonly segment: string
  /** What follows it in the path, with its slash; or empty. */
  readonly subPath: string
  /** Without the question mark. */
  readonly query: string
}

/** With the path of the base URL and without it: what is in front of us may have taken it off. */
export function prefixesOf({ base, pathPrefix }: { readonly base: URL; readonly pathPrefix: string }): readonly string[] {
  return [...new Set([basePathOf({ base, pathPrefix }), pathPrefix])]
}

/** What senders see before the id of an endpoint; in front of us a part of it may be cut off. */
export function basePathOf({ base, pathPrefix }: { readonly base: URL; readonly pathPrefix: string }): string {
  return base.pathname.replace(/\/$/, '') + pathPrefix
}

/** The parts of a target below one of these prefixes; `undefined` when it lies elsewhere. */
export function partsOf(target: string, prefixes: readonly string[]): TargetParts | undefined {
  const text = target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/#.*$/s, '')
  const mark = text.indexOf('?')
  const path = mark === -1 ? text : text.slice(0, mark)
  const query = mark === -1 ? '' : text.slice(mark + 1)
  for (const prefix of prefixes) {
    if (!path.startsWith(`${prefix}/`)) continue
    const rest = path.slice(prefix.length + 1)
    const slash = rest.indexOf('/')
    return slash === -1
      ? { segment: rest, subPath: '', query }
      : { segment: rest.slice(0, slash), subPath: rest.slice(slash), query }
  }
  return isMistyped(path, prefixes) ? { segment: '', subPath: '', query: '' } : undefined
}

/**
 * Whether a token stands behind what was meant for a prefix, with another case or more slashes. It opens nothing, but whoever is asked next
 * would log it whole.
 */
function isMistyped(path: string, prefixes: readonly string[]): boolean {
  const folded = path.replace(/\/{2,}/g, '/').toLowerCase()
  return prefixes.some((prefix) => {
    const start = `${prefix.toLowerCase()}/`
    return folded.startsWith(start) && /^[\w-]{22}(?:\.|%2e)/.test(folded.slice(start.length))
  })
}
