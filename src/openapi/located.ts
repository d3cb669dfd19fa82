import type { DescriptionFile } from './description-file.ts'
import { isRecord, ownValue, pointerTo, tokensOf } from './pointer.ts'

/** A value and where it stands. The value is as it was written: a Reference Object is followed only by `resolve`. */
export interface Located<T = unknown> {
  readonly file: DescriptionFile
  /** JSON Pointer from the root of the file; empty for the root. */
  readonly pointer: string
  readonly value: T
}

export function rootOf(file: DescriptionFile): Located {
  return { file, pointer: '', value: file.root }
}

/** An own member or item. */
export function child(located: Located, token: string): Located | undefined {
  const own = ownValue(located.value, token)
  return own && { file: located.file, pointer: pointerTo(located.pointer, token), value: own.value }
}

export function descend(located: Located, tokens: readonly string[]): Located | undefined {
  let at: Located | undefined = located
  for (const token of tokens) {
    if (at === undefined) return undefined
    at = child(at, token)
  }
  return at
}

export interface Member {
  readonly name: string
  readonly at: Located
}

/** Own members in document order; none when the value is no object. */
export function members(located: Located | undefined): readonly Member[] {
  if (located === undefined || !isRecord(located.value)) return []
  const { file, pointer, value } = located
  return Object.keys(value).map((name) => ({ name, at: { file, pointer: pointerTo(pointer, name), value: value[name] } }))
}

/** Items in order; none when the value is no array. */
export function items(located: Located | undefined): readonly Located[] {
  if (located === undefined || !Array.isArray(located.value)) return []
  return located.value.map((value: unknown, index) => ({ file: located.file, pointer: `${located.pointer}/${index}`, value }))
}

/** The last reference token: the name under which the value stands in its parent. Empty for the root. */
export function nameOf(located: Located): string {
  const tokens = tokensOf(located.pointer)
  return tokens.ok ? (tokens.value.at(-1) ?? '') : ''
}

/** Text to tell places apart: two values are the same place when it is equal. */
export function placeOf(located: Located): string {
  return `${located.file.uri}#${located.pointer}`
}

export function isObjectValue(located: Located): located is Located<Readonly<Record<string, unknown>>> {
  return isRecord(located.value)
}
