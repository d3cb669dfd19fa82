// What somebody would write by hand for oas3, without positions, messages, dialects or templates: the floor of what parsing costs.

export type HandParsed =
  | { readonly root: 'url' | 'method' | 'statusCode' }
  | { readonly root: 'request' | 'response'; readonly in: 'header' | 'query' | 'path'; readonly name: string }
  | { readonly root: 'request' | 'response'; readonly in: 'body'; readonly pointer: readonly string[] | undefined }

export function parseByHand(text: string): HandParsed | undefined {
  const lower = text.toLowerCase()
  if (lower === '$url') return { root: 'url' }
  if (lower === '$method') return { root: 'method' }
  if (lower === '$statuscode') return { root: 'statusCode' }
  if (lower.startsWith('$request.')) return source(text, lower, 9, 'request')
  if (lower.startsWith('$response.')) return source(text, lower, 10, 'response')
  return undefined
}

function source(text: string, lower: string, at: number, root: 'request' | 'response'): HandParsed | undefined {
  if (lower.startsWith('body', at)) return body(text, at + 4, root)
  if (lower.startsWith('header.', at)) {
    if (at + 7 === text.length) return undefined
    for (let i = at + 7; i < text.length; i++) if (!isTchar(text.charCodeAt(i))) return undefined
    return { root, in: 'header', name: lower.slice(at + 7) }
  }
  if (lower.startsWith('query.', at)) return named(text, at + 6, root, 'query')
  if (lower.startsWith('path.', at)) return named(text, at + 5, root, 'path')
  return undefined
}

function named(text: string, at: number, root: 'request' | 'response', location: 'query' | 'path'): HandParsed | undefined {
  let escaped = false
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || code === 0x22) return undefined
    if (code !== 0x5c) continue
    escaped = true
    const length = escapeLength(text, i + 1)
    if (length === 0) return undefined
    i += length
  }
  const raw = text.slice(at)
  return { root, in: location, name: escaped ? (JSON.parse(`"${raw}"`) as string) : raw }
}

function body(text: string, at: number, root: 'request' | 'response'): HandParsed | undefined {
  if (at === text.length) return { root, in: 'body', pointer: undefined }
  if (text.charCodeAt(at) !== 0x23) return undefined
  const pointer: string[] = []
  let i = at + 1
  while (i < text.length) {
    if (text.charCodeAt(i) !== 0x2f) return undefined
    const start = ++i
    let tilde = false
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code === 0x2f) break
      if (code !== 0x7e) continue
      const next = text.charCodeAt(i + 1)
      if (next !== 0x30 && next !== 0x31) return undefined
      tilde = true
    }
    const token = text.slice(start, i)
    pointer.push(tilde ? token.replaceAll('~1', '/').replaceAll('~0', '~') : token)
  }
  return { root, in: 'body', pointer }
}

/** Characters after the backslash, 0 where they are no JSON escape. */
function escapeLength(text: string, at: number): number {
  const character = text.charAt(at)
  if (character === 'u') return /^[0-9A-Fa-f]{4}/.test(text.slice(at + 1, at + 5)) ? 5 : 0
  return character !== '' && '"\\/bfnrt'.includes(character) ? 1 : 0
}

function isTchar(code: number): boolean {
  if ((code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x5e && code <= 0x7a)) return true
  return code > 0x20 && code < 0x7f && "!#$%&'*+-.|~".includes(String.fromCharCode(code))
}
