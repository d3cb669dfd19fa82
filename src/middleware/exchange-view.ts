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
  return new RequestView(side, path, body)
}

export function responseView(status: number, headers: HeaderFields, body: Body): ExchangeResponse {
  return new ResponseView(status, headers, body)
}

export function exchangeView(id: string, request: ExchangeRequest, response: ExchangeResponse | undefined): Exchange {
  return response === undefined ? { id, request } : { id, request, response }
}

// What is decoded late are own members, that a copy and JSON have too. A getter for each object would cost more than all the rest of it, so
// that all objects share one.
class MessageView {
  readonly headers: HeaderFields
  declare readonly body: unknown
  #content: Body
  static readonly #body: PropertyDescriptor = {
    enumerable: true,
    configurable: true,
    get(this: MessageView) {
      if (this.#content.kind !== 'value') this.#content = { kind: 'value', value: contentOf(this.#content, this.headers) }
      return this.#content.value
    },
  }

  constructor(headers: HeaderFields, content: Body) {
    this.headers = headers
    this.#content = content
    Object.defineProperty(this, 'body', MessageView.#body)
  }
}

class RequestView extends MessageView implements ExchangeRequest {
  readonly method: string
  readonly url: string
  readonly path: Parameters
  declare readonly query: Parameters
  readonly #target: string
  #fields: Parameters | undefined
  static readonly #query: PropertyDescriptor = {
    enumerable: true,
    configurable: true,
    get(this: RequestView) {
      this.#fields ??= formFields(queryOf(this.#target))
      return this.#fields
    },
  }

  constructor(side: RequestSide, path: Parameters, content: Body) {
    super(side.headers, content)
    const { method, target } = side
    this.method = method
    this.url = target.startsWith('/') || !/^https?:\/\//i.test(target) ? side.origin() + target : target
    this.path = path
    this.#target = target
    Object.defineProperty(this, 'query', RequestView.#query)
  }
}

class ResponseView extends MessageView implements ExchangeResponse {
  readonly status: number

  constructor(status: number, headers: HeaderFields, content: Body) {
    super(headers, content)
    this.status = status
  }
}

function queryOf(target: string): string {
  const hash = target.indexOf('#')
  const whole = hash === -1 ? target : target.slice(0, hash)
  const start = whole.indexOf('?')
  return start === -1 ? '' : whole.slice(start + 1)
}
