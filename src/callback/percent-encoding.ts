/** RFC 3986: everything but unreserved characters. Half of a surrogate pair becomes U+FFFD. */
export function encodeUnreserved(text: string): string {
  return encodeURIComponent(wellFormed(text)).replace(/[!'()*]/g, escaped)
}

/** `allowReserved`: reserved characters and escapes stay, but for those that would end the query or cannot be in it. */
export function encodeReserved(text: string): string {
  return encodeURI(wellFormed(text))
    .replace(/%25(?=[0-9a-f]{2})/gi, '%')
    .replace(/[#[\]]/g, escaped)
}

/** `application/x-www-form-urlencoded`: a space is a plus sign (WHATWG URL, section 5.2). */
export function encodeForm(text: string): string {
  return encodeURIComponent(wellFormed(text))
    .replace(/[!'()~]/g, escaped)
    .replaceAll('%20', '+')
}

function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd')
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}
