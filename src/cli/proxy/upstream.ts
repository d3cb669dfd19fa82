import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

/** The server that a proxy stands in front of. */
export interface Upstream {
  /** For a request that names none: HTTP/1.0 allows that. */
  readonly authority: string
  /** `target`: a path, or `*`. */
  request(options: { readonly method: string; readonly target: string; readonly headers: readonly string[] }): ClientRequest
  close(): void
}

/** Connections are kept. A path in the URL goes before that of each request. */
export function createUpstream(url: URL): Upstream {
  const isTls = url.protocol === 'https:'
  const agent = isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port === '' ? (isTls ? 443 : 80) : url.port)
  const prefix = url.pathname.replace(/\/$/, '')
  const pathOf = (target: string): string => (target.startsWith('/') ? `${prefix}${target}` : target)
  // A certificate is for the name that was asked for, whatever the Host field of the client says.
  const tls = isTls && !/^[\d.:]+$/.test(host) && !host.includes(':') ? { servername: host } : {}
  return {
    authority: url.host,
    request({ method, target, headers }) {
      const options: RequestOptions = { agent, host, port, method, path: pathOf(target), headers, setHost: false, ...tls }
      const outgoing = isTls ? httpsRequest(options) : httpRequest(options)
      // All of them: their size is limited.
      outgoing.maxHeadersCount = 0
      return outgoing
    },
    close: () => agent.destroy(),
  }
}
