import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { messageOf, strictTextOf } from '../../util/index.ts'
import type { ChangedFile } from './fixer.ts'

/** Writes a file, or says why it could not. */
export function writtenOrWhy(path: string, name: string, text: string): string | undefined {
  try {
    writeFileSync(path, text)
    return undefined
  } catch (error) {
    return `${name}: cannot be written (${messageOf(error)})`
  }
}

/** Writes what was fixed, unless the file has changed in the meantime; otherwise says why not. */
export function fixWrittenOrWhy({ file, before }: ChangedFile): string | undefined {
  const path = fileURLToPath(file.uri)
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (error) {
    return `${file.name}: cannot be read any more (${messageOf(error)})`
  }
  if (strictTextOf(bytes) !== before.source?.text)
    return `${file.name}: not fixed, because it is not UTF-8 or has changed meanwhile`
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? '\ufeff' : ''
  return writtenOrWhy(path, file.name, mark + (file.source?.text ?? ''))
}
