// A line that begins with `{` and ends as a key does.
const unquotedKey = /^([ \t]*(?:[-?] +)*)(\{[^\n\r'"]*?)(:(?=[ \t\r\n]|$))/gm

/**
 * Unquoted keys such as `{$request.query.url}/data:` as if they were plain text. Same length, so that every offset stays: what would
 * be flow syntax becomes letters.
 */
export function maskUnquotedKeys(text: string): { readonly text: string; readonly keys: ReadonlySet<number> } {
  const keys = new Set<number>()
  const masked = text.replace(unquotedKey, (line: string, indent: string, key: string, colon: string, offset: number) => {
    if (!key.includes('$')) return line
    keys.add(offset + indent.length)
    return indent + key.replace(/[{}[\],#&*!|>%@`]/g, 'x') + colon
  })
  return { text: masked, keys }
}
