import type { HeaderFields } from './header-fields.ts'
import type { TargetConstraint } from './target-constraint.ts'

/** A callback that is ready to be sent: every expression has been resolved and the bytes are fixed. Plain data. */
export interface CallbackRequest {
  /**
   * Unique for this callback of this exchange, so that planning the same exchange twice delivers once. Visible ASCII without `.`, at most
   * 200 characters: it becomes the `webhook-id` field.
   */
  readonly id: string
  readonly method: string
  /** Absolute. */
  readonly url: string
  readonly headers: HeaderFields
  readonly body?: Uint8Array
  /** What the callback key fixed about the address; the URL policy holds `url` to it. */
  readonly constraint?: TargetConstraint
  /** JSON data that is stored beside the delivery and never sent: where the callback came from. */
  readonly metadata?: Readonly<Record<string, unknown>>
}
