import type { Exchange, ExchangeRequest, ExchangeResponse, Parameters } from '../http/index.ts'
import { type Body, isReady, madeReady, noBody } from './body.ts'
import { exchangeView, requestView, responseView } from './exchange-view.ts'
import type { OperationPlan } from './operation-plan.ts'
import type { RunTeller } from './problem.ts'
import type { RequestSide, ResponseSide } from './sides.ts'

export type AnsweredExchange = Exchange & { readonly response: ExchangeResponse }

/** Whose exchange it is. */
export interface ExchangeOwner extends RunTeller {
  readonly id: string
  readonly plan: OperationPlan
}

/** The exchange of a run, as far as keys and handlers read it. Made when somebody asks, once. */
export class KeptExchange {
  readonly #owner: ExchangeOwner
  readonly #path: Parameters
  readonly #side: RequestSide
  readonly #maxBytes: number
  #request: ExchangeRequest | undefined
  #answered: Promise<AnsweredExchange> | AnsweredExchange | undefined
  #told = ''

  constructor(owner: ExchangeOwner, path: Parameters, side: RequestSide, maxBytes: number) {
    this.#owner = owner
    this.#path = path
    this.#side = side
    this.#maxBytes = maxBytes
  }

  /** Resolves when the request's body is complete, where somebody reads it, or will not become so. */
  requestEnd(isAnswered: boolean): Promise<void> | undefined {
    return this.#owner.plan.needs.requestBody ? this.#side.bodyEnd(isAnswered) : undefined
  }

  /** What is known now, or will be by then: `response`. */
  async before(response: ExchangeResponse | undefined): Promise<Exchange> {
    const request = await this.#requestNow()
    const known = this.#answered === undefined ? undefined : (await this.#answered).response
    return exchangeView(this.#owner.id, request, response ?? known)
  }

  /** At once where nothing has to be decompressed. */
  answered(response: ResponseSide): Promise<AnsweredExchange> | AnsweredExchange {
    this.#answered ??= this.#make(response)
    return this.#answered
  }

  #make(side: ResponseSide): Promise<AnsweredExchange> | AnsweredExchange {
    const { needs, reads } = this.#owner.plan
    const status = side.status()
    const headers = needs.responseHeaders || needs.responseBody ? side.headers() : {}
    const body = needs.responseBody && hasContent(this.#side.method, status) ? side.body() : noBody
    const build = (request: ExchangeRequest, ready: Body): AnsweredExchange => {
      const response = responseView(status, headers, this.#telling('response', ready), reads)
      return exchangeView(this.#owner.id, request, response) as AnsweredExchange
    }
    const request = this.#requestNow()
    if (!(request instanceof Promise) && isReady(body, headers)) return build(request, body)
    return Promise.all([request, madeReady(body, headers, this.#maxBytes)]).then((both) => {
      const made = build(...both)
      this.#answered = made
      return made
    })
  }

  #requestNow(): Promise<ExchangeRequest> | ExchangeRequest {
    if (this.#request !== undefined) return this.#request
    const { needs, reads } = this.#owner.plan
    const body = needs.requestBody ? this.#side.body() : noBody
    const { headers } = this.#side
    const build = (ready: Body): ExchangeRequest => {
      const view = requestView(this.#side, this.#path, this.#telling('request', ready), reads)
      // More of it may come, unless it is complete.
      if (ready.kind !== 'lost') this.#request = view
      return view
    }
    return isReady(body, headers) ? build(body) : madeReady(body, headers, this.#maxBytes).then(build)
  }

  /** What is lost is told when somebody reads it. */
  #telling(of: 'request' | 'response', body: Body): Body {
    if (body.kind !== 'lost') return body
    const { reason } = body
    const told = (): void => {
      // Of a request of which more may come there are several views.
      if (this.#told.includes(of)) return
      this.#told += of
      this.#owner.tell({ kind: 'body', of, reason, message: lostMessages[reason](of) })
    }
    return { ...body, told }
  }
}

/** RFC 9110, 6.4.1: whatever the application has written, these have none, and the client gets none. */
function hasContent(method: string, status: number): boolean {
  return status >= 200 && status !== 204 && status !== 304 && method !== 'HEAD'
}

const lostMessages: Readonly<Record<'too-large' | 'unread' | 'undecodable', (of: string) => string>> = {
  'too-large': (of) => `The body of the ${of} is larger than "maxBodyBytes", and cannot be read.`,
  unread: (of) => `The body of the ${of} was not read to its end, and cannot be read now.`,
  undecodable: (of) => `The body of the ${of} has a content coding that is not known, or is broken.`,
}
