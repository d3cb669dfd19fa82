import { deferred } from '../util/index.ts'
import type { Content } from './arrival.ts'
import type { Deadlines } from './deadlines.ts'

export type ReadContent =
  | { readonly kind: 'read'; readonly bytes: Uint8Array }
  | { readonly kind: 'too-large' | 'body-timeout' | 'broken'; readonly length: number }
  | { readonly kind: 'consumed' }

/** Reads at most `maxBytes` before the instant `deadline`. No more than one chunk above the limit is ever held. */
export async function readContent(
  content: Content,
  maxBytes: number,
  deadline: number,
  deadlines: Deadlines,
): Promise<ReadContent> {
  if (content.kind === 'consumed') return { kind: 'consumed' }
  if (content.kind === 'none') return { kind: 'read', bytes: new Uint8Array() }

  const late = deferred<'late'>()
  const timer = deadlines.at(deadline, () => late.resolve('late'))
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for (;;) {
      const chunk = await Promise.race([content.pull(), late.promise])
      if (chunk === 'late') return { kind: 'body-timeout', length }
      if (chunk === undefined) return { kind: 'read', bytes: new Uint8Array(Buffer.concat(chunks, length)) }
      length += chunk.length
      if (length > maxBytes) return { kind: 'too-large', length }
      chunks.push(chunk)
    }
  } catch {
    // The sender went away, or broke its own framing: there is nobody left to be told which.
    return { kind: 'broken', length }
  } finally {
    timer.cancel()
  }
}
