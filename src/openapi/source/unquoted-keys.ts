// A line that begins with `{` and ends as a key does.
const unquotedKey = /^([ \t]*(?:[-?] +)*)(\{[^\n\r'"]*?)(:(?=[ \t\r\n]|$))/gm

// One that begins as plain text does, up to the first colon that ends a key.
const plainKey = /^([ \t]*(?:[-?] +)*)([^\s'"{[\]}#&*!|>%@`,?-][^\n\r'"]*?)(:(?=[ \t\r\n]|$))/gm

/**
 * Unquoted keys such as `{$request.query.url}/data:` as if they were plain text, and `$request.body #/url:`, of which YAML takes the end
 * for a comment. Same length, so that every offset stays: what would be flow syntax or a comment becomes letters.
 */
export function maskUnquotedKeys(text: string): { readonly text: string; readonly keys: ReadonlySet<number> } {
  const keys = new Set<number>()
  const mask = (line: string, indent: string, key: string, colon: string, offset: number): string => {
    if (!key.includes('$')) return line
    keys.add(offset + indent.length)
    return indent + key.replace(/[{}[\],#&*!|>%@`]/g, 'x') + colon
  }
  const masked = text
    .replace(unquotedKey, mask)
    .replace(plainKey, (line: string, indent: string, key: string, colon: string, offset: number) =>
      /[ \t]#/.test(key) && /\$(?:request|response)\b/i.test(key) ? mask(line, indent, key, colon, offset) : line,
    )
  return { text: masked, keys }
}
