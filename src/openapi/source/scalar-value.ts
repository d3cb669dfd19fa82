const integer = /^[-+]?[0-9]+$/
const radix = /^0(?:o[0-7]+|x[0-9a-fA-F]+)$/
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/

/** The value of a plain scalar under the core schema (YAML 1.2, section 10.3.2). */
export function plainValue(text: string): string | number | boolean | null {
  switch (text.charCodeAt(0)) {
    case 0x74: // t
    case 0x54: // T
      return text === 'true' || text === 'True' || text === 'TRUE' ? true : text
    case 0x66: // f
    case 0x46: // F
      return text === 'false' || text === 'False' || text === 'FALSE' ? false : text
    case 0x6e: // n
    case 0x4e: // N
      return text === 'null' || text === 'Null' || text === 'NULL' ? null : text
    case 0x7e: // ~
      return text === '~' ? null : text
    default:
      if (text === '') return null
      return /^[-+.0-9]/.test(text) ? numberOr(text) : text
  }
}

function numberOr(text: string): string | number {
  if (integer.test(text) || float.test(text) || radix.test(text)) return Number(text)
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  return /^\.(?:nan|NaN|NAN)$/.test(text) ? Number.NaN : text
}

/** The value of a scalar with an explicit tag. Tags that JSON has no type for (`!!binary`, `!Ref`) leave the text as it is. */
export function taggedValue(tag: string, text: string): string | number | boolean | null {
  switch (tag) {
    case '!!int':
    case '!!float':
    case '!!bool':
    case '!!null':
      return plainValue(text)
    case '!!binary':
      return text.replace(/\s+/g, '')
    default:
      return text
  }
}
