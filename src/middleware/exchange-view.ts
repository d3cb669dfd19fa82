import {
  type Exchange,
  type ExchangeRequest,
  type ExchangeResponse,
  formFields,
  type HeaderFields,
  type Parameters,
} from '../http/index.ts'
import { type Body, contentOf } from './body.ts'
import type { RequestSide } from './sides.ts'

/** A request as expressions and handlers see it. Query and body are decoded when they are first read. */
export function requestView(side: RequestSide, path: Parameters, body: Body): ExchangeRequest {
  const { method, target, headers } = side
  let query: Parameters | undefined
  let decoded: Decoded | undefined
  return {
    method,
    get url() {
      return /^https?:\/\//i.test(target) ? target : side.origin() + target
    },
    headers,
    path,
    get query() {
      query ??= formFields(queryOf(target))
      return query
    },
    get body() {
      decoded ??= { value: contentOf(body, headers) }
      return decoded.value
    },
  }
}

export function responseView(status: number, headers: HeaderFields, body: Body): ExchangeResponse {
  let decoded: Decoded | undefined
  return {
    status,
    headers,
    get body() {
      decoded ??= { value: contentOf(body, headers) }
      return decoded.value
    },
  }
}

export function exchangeView(id: string, request: ExchangeRequest, response: ExchangeResponse | undefined): Exchange {
  return response === undefined ? { id, request } : { id, request, response }
}

interface Decoded {
  readonly value: unknown
}

function queryOf(target: string): string {
  const hash = target.indexOf('#')
  const whole = hash === -1 ? target : target.slice(0, hash)
  const start = whole.indexOf('?')
  return start === -1 ? '' : whole.slice(start + 1)
}
