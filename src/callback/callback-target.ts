import type { SyntaxProblem, TextEdit } from '../expression/index.ts'
import type { TargetConstraint } from '../http/index.ts'

/**
 * Where a callback goes: plain JSON data. It may be stored and be used days later in another process, which then has to give
 * `buildCallbackRequest` the description again.
 */
export interface CallbackTarget {
  readonly version: 1
  /** Absolute, http or https. Whether it may be contacted is for the URL policy to say. */
  readonly url: string
  readonly method: string
  /** The name of the callback in its operation, or of the webhook. */
  readonly callback: string
  /** The key of the Callback Object as it is written; of a webhook, its URL. */
  readonly key: string
  /** The operation that promises the callback; of a webhook, the one that is called. */
  readonly operation: OperationReference
  /** The operation that is called. */
  readonly callbackOperation: OperationReference
  /** Of the description that the target was made from: a hash of its text, the same wherever it is read. */
  readonly descriptionId: string
  readonly exchangeId: string
  /** Which item of an array of URLs this is, from 0. */
  readonly fanOut?: number
  /** What the key fixes about the address, whatever the values are. */
  readonly constraint?: TargetConstraint
}

export interface OperationReference {
  /** The way to it through the entry document, with each reference on the way taken: `#/paths/~1orders/post/callbacks/…/post`. */
  readonly pointer: string
  readonly operationId?: string
}

/** Why a callback has no target in this exchange. Plain JSON data. */
export type NoTarget = BrokenKey | UnusableKey

export interface BrokenKey {
  readonly reason: 'bad-syntax'
  readonly message: string
  /** Empty where the key parses as text, but an expression was meant. */
  readonly problems: readonly SyntaxProblem[]
  /** What was probably meant, and the edits that make it of the key. */
  readonly repair?: { readonly text: string; readonly edits: readonly TextEdit[] }
}

export interface UnusableKey {
  readonly reason: Exclude<NoTargetReason, 'bad-syntax'>
  /** One plain sentence, without the values of the exchange. */
  readonly message: string
  /** The part of the key that it is about, as written. */
  readonly part?: string
}

export type NoTargetReason =
  /** The value is not there. Most callback URLs are optional: nothing is wrong. */
  | 'absent'
  /** The key reads the response, which is not known yet. */
  | 'needs-response'
  | 'bad-syntax'
  /** `{name}` stands in the key, and nobody gave a value for it. */
  | 'missing-parameter'
  /** With `strictDeclared`: the operation does not declare the parameter that the key reads. */
  | 'undeclared-parameter'
  /** No exchange can have what the expression reads, such as a query parameter of a response. */
  | 'never-resolves'
  /** The body is not what its media type says, or a JSON Pointer finds nothing in that media type. */
  | 'unreadable-body'
  | 'null'
  | 'not-scalar'
  /** A query parameter that occurs several times. */
  | 'ambiguous'
  /** Not an absolute http or https URL, and the callback has no `servers` of its own for a relative one. */
  | 'not-absolute'
  | 'not-a-url'
  | 'not-a-host'
  /** A value would change the scheme or the authority that the key spells out. */
  | 'address-changed'
  /** `.` or `..` as a path segment. */
  | 'dot-segment'
  /** The value has a query, so that the path behind it would become part of that: see the option `tail`. */
  | 'tail-after-query'
  /** The value cannot be written in a URL: half of a surrogate pair, a cycle. */
  | 'not-encodable'
  /** More URLs in an array than `maxFanOut`. */
  | 'too-many'
  /** A `$ref` of the callback leads nowhere. */
  | 'broken-reference'

/** Whether nothing is wrong: the subscriber gave no URL, or the response has not come yet. */
export function isOrdinarySkip({ reason }: NoTarget): boolean {
  return reason === 'absent' || reason === 'needs-response'
}
