import { foldFieldName } from '../http/index.ts'
import { memo } from '../util/index.ts'
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

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
// RFC 9110, 5.5: visible ASCII, space, tab and obs-text; CR, LF and NUL would end the field.
const fieldContent = /^[\t\u0020-\u007e\u0080-\u00ff]*$/

/** Why no HTTP request can be made of this one, or `undefined`. */
export function requestProblem(request: OutboundRequest, limits: RequestLimits): string | undefined {
  const { method } = request
  if (method !== 'POST' && !token.test(method)) return `Expected a method, found ${JSON.stringify(method)}.`
  if (method === 'CONNECT' || method === 'TRACE') return `The method ${method} is not used for callbacks.`
  const bodyBytes = request.body?.byteLength ?? 0
  if (bodyBytes > limits.maxRequestBytes) return `Expected a body of at most ${limits.maxRequestBytes} bytes, found ${bodyBytes}.`
  return headerProblem(request, limits.maxHeaderBytes)
}

function headerProblem({ headers }: OutboundRequest, maxHeaderBytes: number): string | undefined {
  let bytes = 0
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (value === undefined) continue
    const problem = name.length > longestKnownName ? problemOfName(name) : problemOfKnownName(name)
    if (problem !== '') return problem
    if (typeof value === 'string') {
      if (!fieldContent.test(value)) return unfit(name)
      bytes += name.length + value.length + 4
      continue
    }
    for (const line of value) {
      if (!fieldContent.test(line)) return unfit(name)
      bytes += name.length + line.length + 4
    }
  }
  return bytes > maxHeaderBytes ? `Expected at most ${maxHeaderBytes} bytes of header fields, found ${bytes}.` : undefined
}

function unfit(name: string): string {
  return `The value of the field "${name}" has characters that no field can carry.`
}

/** Empty when there is none. */
function problemOfName(name: string): string {
  if (!token.test(name)) return `Expected a field name, found ${JSON.stringify(name)}.`
  return ownFields.has(foldFieldName(name)) ? `The field "${name}" is set by the transport.` : ''
}

const longestKnownName = 100
// The same few names come with every request.
const problemOfKnownName = memo(problemOfName, 1000)
