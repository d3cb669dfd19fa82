import { foldFieldName } from '../http/index.ts'
import type { OutboundRequest } from './report.ts'

// Fields that say how the message is framed or routed: the transport alone decides that.
const ownFields = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

export interface RequestLimits {
  readonly maxRequestBytes: number
  /** Of the request and of the response each. */
  readonly maxHeaderBytes: number
}

/** Why no HTTP request can be made of this one, or `undefined`. */
export function requestProblem(request: OutboundRequest, limits: RequestLimits): string | undefined {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(request.method)) return `Expected a method, found ${JSON.stringify(request.method)}.`
  if (request.method === 'CONNECT' || request.method === 'TRACE') return `The method ${request.method} is not used for callbacks.`
  const bodyBytes = request.body?.byteLength ?? 0
  if (bodyBytes > limits.maxRequestBytes) return `Expected a body of at most ${limits.maxRequestBytes} bytes, found ${bodyBytes}.`
  return headerProblem(request, limits.maxHeaderBytes)
}

function headerProblem({ headers }: OutboundRequest, maxHeaderBytes: number): string | undefined {
  let bytes = 0
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (value === undefined) continue
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return `Expected a field name, found ${JSON.stringify(name)}.`
    if (ownFields.has(foldFieldName(name))) return `The field "${name}" is set by the transport.`
    for (const line of typeof value === 'string' ? [value] : value) {
      // RFC 9110, 5.5: visible ASCII, space, tab and obs-text; CR, LF and NUL would end the field.
      if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(line))
        return `The value of the field "${name}" has characters that no field can carry.`
      bytes += name.length + line.length + 4
    }
  }
  return bytes > maxHeaderBytes ? `Expected at most ${maxHeaderBytes} bytes of header fields, found ${bytes}.` : undefined
}
