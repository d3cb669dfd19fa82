import { pointerOf } from '../../openapi/index.ts'
import type { Resolution } from '../subject/index.ts'

/** Whether a pointer into a multipart body leads somewhere from the root of one of its parts: 3GPP writes pointers so. */
export function isInJsonPart({ mediaType, didYouMean, pointer }: Resolution & { kind: 'missing' }): boolean {
  if (!mediaType.toLowerCase().startsWith('multipart/')) return false
  const wanted = pointerOf(pointer.tokens)
  return didYouMean.some((found) => found.endsWith(wanted) && found.slice(0, -wanted.length).lastIndexOf('/') === 0)
}
