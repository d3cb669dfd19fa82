import { RingbackError } from '../errors/index.ts'

/** Something is not as a test expects it. Named like the error of `node:assert`, so that test runners show it as a failed assertion. */
export class ExpectationError extends RingbackError {
  declare readonly code: 'ERR_EXPECTATION_FAILED'

  constructor(message: string, options?: ErrorOptions) {
    super('ERR_EXPECTATION_FAILED', message, options)
  }

  override get name(): string {
    return 'AssertionError'
  }
}
