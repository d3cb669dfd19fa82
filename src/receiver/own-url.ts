import { basePathOf } from './arrival.ts'
import type { Core } from './core.ts'
import type { EndpointRow } from './store.ts'

/**
 * Whether a URL is that of this endpoint: where senders reach this receiver, its id, and a secret that opens it. A query is left open;
 * with `anyHost` so are scheme, host and the path before the id.
 */
export function isUrlOf(core: Core, { id, tokenHash }: EndpointRow, text: string, anyHost: boolean): boolean {
  if (!URL.canParse(text)) return false
  const { origin, pathname, searchParams } = new URL(text)
  const prefix = `${basePathOf(core)}/`
  if (!anyHost && !(origin === core.base.origin && pathname.startsWith(prefix))) return false
  const segment = pathname.slice(anyHost ? pathname.lastIndexOf('/') + 1 : prefix.length)
  const found = core.profile.urls.read(segment, searchParams)
  return found.id === id && found.secret !== undefined && core.tokens.verify(id, found.secret, tokenHash)
}
