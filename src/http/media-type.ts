/** The type of a Content-Type field without its parameters, in lower case: `application/json`. */
export function essenceOf(contentType: string): string {
  const end = contentType.indexOf(';')
  return (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
}

/** `application/json`, `text/json` and every `…+json` (RFC 6839, 3.1). */
export function isJsonMediaType(contentType: string): boolean {
  const essence = essenceOf(contentType)
  return essence === 'application/json' || essence === 'text/json' || (essence.endsWith('+json') && essence.includes('/'))
}

/** The charset parameter of a Content-Type field, as it is written. */
export function charsetOf(contentType: string): string | undefined {
  return /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1]
}
