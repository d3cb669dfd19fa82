import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** The server that a proxy stands in front of. */
export interface Upstream {
  readonly url: URL
  /** `target`: as the client has sent it. */
  request(options: { readonly method: string; readonly target: string; readonly headers: readonly string[] }): ClientRequest
  /** A connection of its own, for what is no longer HTTP. */
  connect(): Socket
  pathOf(target: string): string
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
    url,
    pathOf,
    request({ method, target, headers }) {
      const options: RequestOptions = { agent, host, port, method, path: pathOf(target), headers, setHost: false, ...tls }
      return isTls ? httpsRequest(options) : httpRequest(options)
    },
    connect: () => (isTls ? connectTls({ host, port, ALPNProtocols: ['http/1.1'], ...tls }) : connectTcp({ host, port })),
    close: () => agent.destroy(),
  }
}
