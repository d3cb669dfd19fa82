import { essenceOf } from '../http/index.ts'

/** RFC 9110, 12.5.1, and `application/*+json` for every type with that suffix. Parameters do not count. */
export function matchesMediaRange(contentType: string, range: string): boolean {
  const [type = '', subtype = ''] = essenceOf(contentType).split('/')
  const [wantedType = '', wantedSubtype = ''] = essenceOf(range).split('/')
  if (wantedType !== '*' && wantedType !== type) return false
  if (wantedSubtype === '*') return true
  return wantedSubtype.startsWith('*+') ? subtype.endsWith(wantedSubtype.slice(1)) : wantedSubtype === subtype
}
