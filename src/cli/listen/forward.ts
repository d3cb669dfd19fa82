import type { HeaderFields } from '../../http/index.ts'
import { createTransport, publicInternet, type SendOutcome } from '../../outbound/index.ts'
import type { Call, Reply } from '../../receiver/index.ts'

export interface Forwarder {
  /** The answer of the target to this call, or a 502 that tells why there is none. */
  send(call: Call): Promise<Reply>
  close(): Promise<void>
}

/** What the receiver takes, and the target may answer. */
export const mostBytes: number = 10 * 1024 * 1024

// They belong to the connection that a message came over (RFC 9110, 7.6.1).
const hopByHop = ['connection', 'content-length', 'expect', 'host', 'keep-alive', 'proxy-authorization', 'proxy-authenticate']
const ownFields = new Set([...hopByHop, 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'http2-settings'])

/** Passes calls on to one URL, whose host is allowed wherever it is: who types the command says where. `tellFailure` hears of those that did not arrive. */
export function createForwarder(target: URL, tellFailure: (why: string) => void): Forwarder {
  const port = target.port === '' ? (target.protocol === 'https:' ? '443' : '80') : target.port
  const transport = createTransport({
    policy: publicInternet({ allow: [`${target.hostname}:${port}`] }),
    maxRequestBytes: mostBytes,
    maxResponseBytes: mostBytes,
    totalTimeoutMs: 9000,
  })
  return {
    async send({ method, subPath, rawQuery, headers, rawBody }) {
      const url = new URL(target)
      url.pathname = `${target.pathname.replace(/\/$/, '')}${subPath}`
      // As it came: a signature may cover it, and nobody promised that a query is a form.
      if (rawQuery !== '') url.search = target.search === '' ? rawQuery : `${target.search}&${rawQuery}`
      const { outcome } = await transport.send({
        method,
        url: url.href,
        headers: withoutOwn([...headers]),
        ...(rawBody.length === 0 ? {} : { body: rawBody }),
      })
      if (outcome.kind !== 'response') {
        const detail = why(outcome)
        tellFailure(detail)
        return { status: 502, json: { title: 'The call could not be forwarded', detail } }
      }
      const fields = Object.entries(outcome.headers).flatMap(([name, value]) =>
        [value ?? []].flat().map((one): [string, string] => [name, one]),
      )
      return {
        status: outcome.status,
        headers: fields.filter(([name]) => !ownFields.has(name.toLowerCase())),
        body: outcome.body,
      }
    },
    close: () => transport.close(),
  }
}

function withoutOwn(headers: readonly (readonly [string, string])[]): HeaderFields {
  return Object.fromEntries(headers.filter(([name]) => !ownFields.has(name)))
}

function why(outcome: Exclude<SendOutcome, { kind: 'response' }>): string {
  switch (outcome.kind) {
    case 'refused':
      return outcome.refusal.message
    case 'unbuildable':
      return outcome.problem
    case 'failed':
      return outcome.message
  }
}
