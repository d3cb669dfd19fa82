import type { HeaderFields } from './header-fields.ts'

/** What came back for a callback request. */
export interface CallbackReply {
  readonly status: number
  readonly headers: HeaderFields
  readonly body: Uint8Array
  /** `truncated`: there was more than is read. `broken`: the connection or the time ended before the body did. */
  readonly completeness: 'complete' | 'truncated' | 'broken'
}

/** How a reply differs from what was declared. Never quotes the reply, which is the subscriber's. */
export interface ReplyProblem {
  readonly reason:
    | 'status-undeclared'
    | 'media-type-undeclared'
    | 'body-missing'
    | 'body-invalid'
    | 'header-missing'
    | 'header-invalid'
    /** Nothing can be said: what declares it is not there, or broken, or the reply was cut off. */
    | 'unchecked'
  readonly message: string
}
