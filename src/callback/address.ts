import type { TargetConstraint } from '../http/index.ts'

/** Where a key leads in one exchange. */
export interface Address {
  readonly url: string
  readonly constraint: TargetConstraint
  /** Which item of an array of URLs it is. */
  readonly fanOut?: number
}
