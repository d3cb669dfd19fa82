/** What the loop that starts attempts needs to know of one that has come to its end. */
export interface AttemptEnd {
  /** False when its destination is disabled. */
  readonly made: boolean
  /** Holds up the origin until this instant. */
  readonly pauseUntil: number
  /** The breaker of the origin has closed: all that waited may go. */
  readonly isClosed: boolean
  /** The instant at which the delivery is due again, when it is, as soon as that is stored. */
  readonly settled: Promise<number | undefined> | number | undefined
}
