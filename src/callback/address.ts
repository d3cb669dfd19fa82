import type { TargetConstraint } from '../http/index.ts'

/** Where a key leads in one exchange. */
export interface Address {
  readonly url: string
  /** Absent when the key fixes nothing. */
  readonly constraint: TargetConstraint | undefined
  /** Which item of an array of URLs it is. */
  readonly fanOut?: number
}
