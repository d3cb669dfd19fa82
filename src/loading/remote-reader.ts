import type { TransportOptions, UrlPolicy } from '../outbound/index.ts'
import type { Reader } from './reader.ts'

export interface RemoteReaderOptions {
  /** Where documents may be read from. Default: `publicInternet()`. */
  readonly policy?: UrlPolicy
  /** Bytes of one document. Default: 16 MiB. */
  readonly maxBytes?: number
  /** Milliseconds for one document. Default: 30 000. */
  readonly totalTimeoutMs?: number
  /** The rest of the transport: resolver, TLS. */
  readonly transport?: Omit<TransportOptions, 'policy' | 'maxResponseBytes' | 'totalTimeoutMs'>
}

const acceptedTypes =
  'application/openapi+yaml, application/openapi+json, application/yaml, application/json, text/yaml;q=0.9, */*;q=0.1'

/**
 * Reads documents over http and https, under a URL policy that holds on every connection. Redirects are not followed: what a document may
 * reach is decided by the URL that is written in it. Connections are closed after each document.
 */
export function remoteReader(options: RemoteReaderOptions = {}): Reader {
  const { maxBytes = 16 * 1024 * 1024, totalTimeoutMs = 30_000 } = options
  return {
    async read(uri) {
      // The HTTP client takes longer to load than most documents to read, and few descriptions are on the network.
      const { createTransport, publicInternet } = await import('../outbound/index.ts')
      const policy = options.policy ?? publicInternet()
      const transport = createTransport({ ...options.transport, policy, maxResponseBytes: maxBytes, totalTimeoutMs })
      try {
        const { outcome } = await transport.send({ method: 'GET', url: uri, headers: { accept: acceptedTypes } })
        switch (outcome.kind) {
          case 'refused':
            throw new Error(`the URL policy refuses it: ${outcome.refusal.message}`)
          case 'unbuildable':
            throw new Error(outcome.problem)
          case 'failed':
            throw new Error(outcome.message)
          case 'response':
            if (outcome.status !== 200) throw new Error(`expected the status 200 but found ${outcome.status}`)
            if (outcome.completeness === 'truncated') throw new Error(`it is larger than ${maxBytes} bytes`)
            if (outcome.completeness === 'broken') throw new Error('the connection ended before the document did')
            return outcome.body
        }
      } finally {
        await transport.close()
      }
    },
  }
}
