import jsonPointer from 'json-pointer'
import { err, ok, type Result } from '../util/index.ts'

/** RFC 6901, section 3: unescaped reference tokens to the text of a pointer. */
export function pointerOf(tokens: readonly string[]): string {
  return tokens.map((token) => `/${jsonPointer.escape(token)}`).join('')
}

/** A pointer one token longer. */
export function pointerTo(pointer: string, token: string): string {
  return `${pointer}/${jsonPointer.escape(token)}`
}

/** Reference tokens of a pointer, unescaped; an error when it does not start with `/` or has a `~` that is no escape. */
export function tokensOf(pointer: string): Result<readonly string[], string> {
  if (pointer !== '' && !pointer.startsWith('/')) return err('a JSON Pointer starts with "/"')
  if (/~(?![01])/.test(pointer)) return err('in a JSON Pointer "~" is written "~0", and "/" inside a name "~1"')
  return ok(jsonPointer.parse(pointer))
}

/** Own members and items only: a pointer must not reach `constructor` or an array's `length`. */
export function ownValue(value: unknown, token: string): { readonly value: unknown } | undefined {
  if (Array.isArray(value)) {
    if (!/^(?:0|[1-9][0-9]*)$/.test(token) || Number(token) >= value.length) return undefined
    return { value: value[Number(token)] }
  }
  return isRecord(value) && Object.hasOwn(value, token) ? { value: value[token] } : undefined
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
