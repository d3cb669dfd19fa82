import type { ErrorCode } from './codes.ts'

// A registered symbol is the same in every copy of this package that a process has loaded; `instanceof` is not.
const brand = Symbol.for('ringback.error')

/** The base of everything this package throws on purpose, but for `TypeError` on misuse of its API. */
export class RingbackError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    Object.defineProperty(this, brand, { value: true })
  }

  override get name(): string {
    return 'RingbackError'
  }
}

/** True for errors of this package, also when they come from another installed copy of it. */
export function isRingbackError(error: unknown, code?: ErrorCode): error is RingbackError {
  return (
    typeof error === 'object' &&
    error !== null &&
    (error as { [brand]?: unknown })[brand] === true &&
    (code === undefined || (error as RingbackError).code === code)
  )
}
