import { assertNever } from '../util/index.ts'

/**
 * Why an expression has no value in this exchange. The OAS has an answer for it (a Link's parameter is not passed, a callback is not sent),
 * so it is a value and not thrown.
 */
export type Unresolved =
  | { readonly reason: 'no-request' }
  | { readonly reason: 'no-response' }
  | { readonly reason: 'not-recorded'; readonly part: 'url' | 'method' | 'status' }
  | { readonly reason: 'header-not-found'; readonly message: Message; readonly name: string }
  | { readonly reason: 'query-parameter-not-found'; readonly name: string }
  | { readonly reason: 'path-parameter-not-found'; readonly name: string }
  /** A response has neither query nor path. */
  | { readonly reason: 'response-has-no-parameters'; readonly in: 'query' | 'path' }
  | { readonly reason: 'no-body'; readonly message: Message }
  | { readonly reason: 'body-has-no-members'; readonly message: Message; readonly mediaType: string | undefined }
  | { readonly reason: 'body-not-parsable'; readonly message: Message; readonly mediaType: string }
  | ({ readonly reason: 'pointer-not-found'; readonly message: Message } & PointerMiss)
  /** Only with `strictDeclared`. */
  | { readonly reason: 'not-declared'; readonly in: 'header' | 'query' | 'path'; readonly name: string }
  /** Roots of Arazzo and AsyncAPI that an HTTP exchange does not have. */
  | { readonly reason: 'outside-exchange'; readonly root: string }

export type Message = 'request' | 'response'

/** Where a walk along a JSON Pointer ended. */
export interface PointerMiss {
  /** The reference token that names nothing. */
  readonly token: string
  /** How many tokens before it were followed. */
  readonly depth: number
  /** What the token was looked up in. */
  readonly in: 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null' | 'other'
  /** Number of items, of an array. */
  readonly length?: number
}

/** One plain sentence, without the values of the exchange. */
export function describeUnresolved(unresolved: Unresolved): string {
  switch (unresolved.reason) {
    case 'no-request':
      return 'The exchange has no request.'
    case 'no-response':
      return 'The exchange has no response yet.'
    case 'not-recorded':
      return `The exchange does not say the ${unresolved.part === 'status' ? 'status code' : unresolved.part}.`
    case 'header-not-found':
      return `The ${unresolved.message} has no header field ${JSON.stringify(unresolved.name)}.`
    case 'query-parameter-not-found':
      return `The request has no query parameter ${JSON.stringify(unresolved.name)} (names are case-sensitive).`
    case 'path-parameter-not-found':
      return `The matched path has no parameter ${JSON.stringify(unresolved.name)}.`
    case 'response-has-no-parameters':
      return `A response has no ${unresolved.in} parameters.`
    case 'no-body':
      return `The ${unresolved.message} has no body.`
    case 'body-has-no-members':
      return `The ${unresolved.message} body is ${unresolved.mediaType ?? 'text without a media type'}: a JSON Pointer finds nothing in it.`
    case 'body-not-parsable':
      return `The ${unresolved.message} body says it is ${unresolved.mediaType}, but does not parse as that.`
    case 'pointer-not-found':
      return `${pointerSentence(unresolved)} (reference token ${unresolved.depth + 1} of the pointer into the ${unresolved.message} body).`
    case 'not-declared':
      return `The operation declares no ${unresolved.in} parameter ${JSON.stringify(unresolved.name)}, and undeclared ones are not read.`
    case 'outside-exchange':
      return `An HTTP exchange has no ${unresolved.root}.`
    default:
      return assertNever(unresolved)
  }
}

function pointerSentence(miss: PointerMiss): string {
  const token = JSON.stringify(miss.token)
  if (miss.in === 'array') return `An array of ${miss.length} ${miss.length === 1 ? 'item' : 'items'} has no item ${token}`
  return miss.in === 'object'
    ? `There is no member ${token}`
    : `There is no ${token} in a value that is ${miss.in === 'null' ? 'null' : `a ${miss.in}`}`
}
