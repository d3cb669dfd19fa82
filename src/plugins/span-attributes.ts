import type { Attempt, Delivery, Outcome } from '../dispatcher/index.ts'

type Attributes = Readonly<Record<string, string | number>>

/** What a measurement is about: names from the description, never a URL, of which there are as many as subscribers. */
export function callbackAttributes({ metadata }: Delivery): Attributes {
  const { operationId, callback } = metadata
  return {
    ...(typeof operationId === 'string' ? { operation: operationId } : {}),
    ...(typeof callback === 'string' ? { callback } : {}),
  }
}

/** Semantic conventions for HTTP client spans, and what OpenAPI has names for. */
export function spanAttributes(delivery: Delivery, { n, outcome, phase, sent, remoteAddress }: Attempt): Attributes {
  const { operation, callback } = callbackAttributes(delivery)
  return {
    'http.request.method': delivery.request.method,
    ...urlAttributes(delivery.request.url),
    ...(n > 1 ? { 'http.request.resend_count': n - 1 } : {}),
    ...(outcome.kind === 'response' ? { 'http.response.status_code': outcome.status } : {}),
    ...errorType(outcome),
    ...(remoteAddress === undefined ? {} : { 'network.peer.address': remoteAddress }),
    ...(operation === undefined ? {} : { 'ringback.operation': operation }),
    ...(callback === undefined ? {} : { 'ringback.callback': callback }),
    'ringback.delivery.id': delivery.id,
    'ringback.phase': phase,
    'ringback.sent': sent,
  }
}

/** When name, connection and first byte were there, in milliseconds since the epoch. */
export function spanEvents({ startedAt, timings }: Attempt): readonly { readonly name: string; readonly at: number }[] {
  const { dns, connect, tls, firstByte } = timings
  const events: { name: string; at: number }[] = []
  let at = startedAt
  for (const [name, ms] of [
    ['dns', dns],
    ['connect', connect],
    ['tls', tls],
  ] as const) {
    if (ms === undefined) continue
    at += ms
    events.push({ name, at })
  }
  if (firstByte !== undefined) events.push({ name: 'first byte', at: startedAt + firstByte })
  return events
}

export function statusClass(outcome: Outcome): string {
  return outcome.kind === 'response' ? `${Math.floor(outcome.status / 100)}xx` : outcome.kind
}

/** Where it went, without what may be a secret: user and password, query, fragment. */
function urlAttributes(text: string): Attributes {
  if (!URL.canParse(text)) return {}
  const url = new URL(text)
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  const query = url.search === '' ? '' : '?REDACTED'
  return { 'url.full': `${url.origin}${url.pathname}${query}`, 'server.address': url.hostname, 'server.port': port }
}

function errorType(outcome: Outcome): Attributes {
  switch (outcome.kind) {
    case 'response':
      return outcome.status < 300 ? {} : { 'error.type': String(outcome.status) }
    case 'refused':
      return { 'error.type': outcome.rule }
    case 'failed':
      return { 'error.type': outcome.code }
    default:
      return { 'error.type': outcome.kind }
  }
}
