import { err, ok, type Result, strictTextOf } from '../util/index.ts'

/** The text of YAML or JSON bytes: UTF-8, or UTF-16 with a byte order mark (YAML 1.2, section 5.2). */
export function decode(content: Uint8Array | string): Result<string, string> {
  if (typeof content === 'string') return ok(content)
  const utf16 =
    content[0] === 0xff && content[1] === 0xfe ? 'utf-16le' : content[0] === 0xfe && content[1] === 0xff ? 'utf-16be' : undefined
  const text = utf16 === undefined ? strictTextOf(content) : new TextDecoder(utf16).decode(content)
  return text === undefined
    ? err('expected YAML or JSON text but found bytes that are not UTF-8: this is a binary file, or in another encoding')
    : ok(text)
}
