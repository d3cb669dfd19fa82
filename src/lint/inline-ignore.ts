import { child, isRecord, type Located, ownValue, rootOf, tokensOf } from '../openapi/index.ts'

/** In the document itself: `true`, a rule, or a list of rules that are silent about this object and what is in it. */
export const inlineField = 'x-ringback-ignore'

/** Whether the document says `x-ringback-ignore` on the way to a place. */
export function isIgnoredInline(rule: string, at: Located): boolean {
  const tokens = tokensOf(at.pointer)
  if (!tokens.ok) return false
  let here: Located | undefined = rootOf(at.file)
  for (const token of [...tokens.value, undefined]) {
    if (here === undefined) return false
    if (isRecord(here.value) && silences(ownValue(here.value, inlineField)?.value, rule)) return true
    here = token === undefined ? undefined : child(here, token)
  }
  return false
}

function silences(field: unknown, rule: string): boolean {
  return field === true || field === rule || (Array.isArray(field) && field.includes(rule))
}
