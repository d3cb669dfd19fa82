/** Where in a URL the next value will stand, which decides what may stand there and how it is encoded (RFC 3986, section 3). */
export type UrlPosition = 'start' | 'authority' | 'after-authority'

/** The position behind `url`, the part of a URL that has been written so far. */
export function positionAfter(url: string): UrlPosition {
  if (url === '') return 'start'
  const authority = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\\]*/i.exec(url)?.[0]
  return authority !== undefined && authority.length === url.length ? 'authority' : 'after-authority'
}

/** The position when `added` has been written where the authority stood. */
export function positionAfterAuthority(added: string): UrlPosition {
  return /[/?#\\]/.test(added) ? 'after-authority' : 'authority'
}

/** Percent-encodes everything but RFC 3986's unreserved characters. `undefined`: the text holds half of a surrogate pair. */
export function encodeUnreserved(text: string): string | undefined {
  if (/^[\w.~-]*$/.test(text)) return text
  try {
    return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  } catch {
    return undefined
  }
}

/** Behind the last separator of path segments. A backslash separates too: WHATWG's parser reads it as a slash. */
export function segmentStartIn(text: string): number {
  return Math.max(text.lastIndexOf('/'), text.lastIndexOf('\\')) + 1
}

/** Whether the path segment that starts there is `.` or `..`, also percent-encoded (WHATWG URL, section 4.4). */
export function isDotSegmentAt(url: string, start: number): boolean {
  return /^(?:\.|%2e){1,2}(?:[/\\?#]|$)/i.test(url.slice(start, start + '%2e%2e/'.length))
}

/** Only what can be part of a host and a port: nothing that would end the authority, or turn it into user information. */
export function isHostText(text: string): boolean {
  return /^[A-Za-z0-9._~:[\]-]+$/.test(text)
}

export function isAbsoluteHttpUrl(text: string): boolean {
  // Tabs and line ends are dropped by that parser, and would be kept by whoever writes the text somewhere.
  return /^https?:\/\/[^\u0000-\u001f\u007f]*$/i.test(text) && URL.canParse(text)
}
