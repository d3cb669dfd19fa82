import { RingbackError } from '../errors/index.ts'
import type { StartSummary } from './start-summary.ts'

/** With `strict`, what a middleware rejects with when the linter finds errors in the callbacks of its description. */
export class DescriptionProblems extends RingbackError {
  declare readonly code: 'ERR_CALLBACKS_BROKEN'
  readonly summary: StartSummary

  constructor(summary: StartSummary) {
    super('ERR_CALLBACKS_BROKEN', `The callbacks of the description have errors, and "strict" is set.\n${summary.text}`)
    this.summary = summary
  }

  override get name(): string {
    return 'DescriptionProblems'
  }
}
