import type { Reader } from '../../loading/index.ts'
import { createTransport, publicInternet } from '../../outbound/index.ts'

const maxResponseBytes = 64 * 1024 * 1024
const mostRedirects = 3

/** Reads `http:` and `https:` references under the URL policy, each redirect too. `allow`: hosts that it would refuse. */
export function remoteReader(allow: readonly string[]): Reader & { close(): Promise<void> } {
  const transport = createTransport({ policy: publicInternet({ allow }), maxResponseBytes })
  const read = async (uri: string, redirects = 0): Promise<Uint8Array> => {
    const { outcome } = await transport.send({
      method: 'GET',
      url: uri,
      headers: { accept: 'application/yaml, application/json, */*' },
    })
    if (outcome.kind === 'refused') throw new Error(outcome.refusal.message)
    if (outcome.kind === 'unbuildable') throw new Error(outcome.problem)
    if (outcome.kind === 'failed') throw new Error(outcome.message)
    const { status, headers, body, completeness } = outcome
    const location = headers.location
    if ([301, 302, 303, 307, 308].includes(status) && typeof location === 'string' && redirects < mostRedirects)
      return read(new URL(location, uri).href, redirects + 1)
    if (status !== 200) throw new Error(`expected status 200 but got ${status}`)
    if (completeness !== 'complete') throw new Error('the response ended early, or is too long')
    return body
  }
  return { read: (uri) => read(uri), close: () => transport.close() }
}
