/** A value that would take too long to check. */
export class TooMuchEffort extends Error {
  override get name(): string {
    return 'TooMuchEffort'
  }
}

/** For all schemas that references lead to, in keywords and schemas; some hundred milliseconds. */
const mostSteps = 5_000_000
/** For all slow patterns of one value. */
const mostPatternMs = 1_000

let steps = mostSteps
let patternMs = mostPatternMs

/** Runs one check with the whole of the effort that one value may take. A check never waits, so that one runs at a time. */
export function withEffort<T>(check: () => T): T {
  steps = mostSteps
  patternMs = mostPatternMs
  return check()
}

export function spendSteps(count: number): void {
  steps -= count
  if (steps < 0) throw new TooMuchEffort(`Expected at most ${mostSteps} steps`)
}

/** Whether there is time left for another one. */
export function spendPatternTime(milliseconds: number): boolean {
  patternMs -= milliseconds
  return patternMs > 0
}
