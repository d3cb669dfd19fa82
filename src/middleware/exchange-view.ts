import {
  type Exchange,
  type ExchangeRequest,
  type ExchangeResponse,
  formFields,
  type HeaderFields,
  type Parameters,
} from '../http/index.ts'
import { type Body, contentOf, noBody } from './body.ts'
import type { KeyReads } from './operation-plan.ts'
import type { RequestSide } from './sides.ts'

/** A request as expressions and handlers see it. Query and body are decoded at once where keys read them, and else when somebody does. */
export function requestView(side: RequestSide, path: Parameters, body: Body, reads: KeyReads): ExchangeRequest {
  return new RequestView(side, path, body, reads.request)
}

export function responseView(status: number, headers: HeaderFields, body: Body, reads: KeyReads): ExchangeResponse {
  return new ResponseView(status, headers, body, reads.response)
}

export function exchangeView(id: string, request: ExchangeRequest, response: ExchangeResponse | undefined): Exchange {
  return response === undefined ? { id, request } : new AnsweredView(id, request, response)
}

// Made by a constructor, as is whatever else leads to a decoded body: V8 may take to making what a literal makes among old objects, because many of
// them were alive at one moment while the server began, and each keeps all that it leads to until the next full collection.
class AnsweredView implements Exchange {
  readonly id: string
  readonly request: ExchangeRequest
  readonly response: ExchangeResponse

  constructor(id: string, request: ExchangeRequest, response: ExchangeResponse) {
    this.id = id
    this.request = request
    this.response = response
  }
}

// What is decoded late are own members, that a copy and JSON have too. To define one costs as much as all the rest of the object, and a getter
// for each object would cost more, so that all objects share one.
class MessageView {
  readonly headers: HeaderFields
  declare readonly body: unknown
  #content = noBody
  static readonly #body = member(function (this: MessageView) {
    if (this.#content.kind !== 'value') this.#content = { kind: 'value', value: contentOf(this.#content, this.headers) }
    return this.#content.value
  })

  constructor(headers: HeaderFields, content: Body, isRead: boolean) {
    this.headers = headers
    if (isRead || content.kind === 'none' || content.kind === 'value') this.body = contentOf(content, headers)
    else {
      this.#content = content
      Object.defineProperty(this, 'body', MessageView.#body)
    }
  }
}

class RequestView extends MessageView implements ExchangeRequest {
  readonly method: string
  readonly url: string
  readonly path: Parameters
  declare readonly query: Parameters
  #target = ''
  #fields: Parameters | undefined
  static readonly #query = member(function (this: RequestView) {
    this.#fields ??= fieldsOf(this.#target)
    return this.#fields
  })

  constructor(side: RequestSide, path: Parameters, content: Body, reads: KeyReads['request']) {
    super(side.headers, content, reads.body)
    const { method, target } = side
    this.method = method
    this.url = /^https?:\/\//i.test(target) ? target : side.origin() + target
    this.path = path
    if (reads.query.length > 0 || !target.includes('?')) this.query = fieldsOf(target)
    else {
      this.#target = target
      Object.defineProperty(this, 'query', RequestView.#query)
    }
  }
}

class ResponseView extends MessageView implements ExchangeResponse {
  readonly status: number

  constructor(status: number, headers: HeaderFields, content: Body, reads: KeyReads['response']) {
    super(headers, content, reads.body)
    this.status = status
  }
}

function member<View>(get: (this: View) => unknown): PropertyDescriptor {
  return { enumerable: true, configurable: true, get }
}

function fieldsOf(target: string): Parameters {
  return formFields(/^[^?#]*\?([^#]*)/.exec(target)?.[1] ?? '')
}
