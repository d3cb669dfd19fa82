import { type ErrorCode, RingbackError } from '../errors/index.ts'
import type { Call } from './call.ts'
import type { CallbackStatus, Rejection } from './status.ts'

/** Trouble with one endpoint. Its id is public; its token is never part of an error. */
export class CallbackEndpointError extends RingbackError {
  readonly endpointId: string
  /** Names by which Google's workflows tell errors apart: `TimeoutError`. */
  readonly tags: readonly string[]
  /** What a `take()` had before it came to this. */
  declare readonly received: readonly Call[]

  constructor(
    code: ErrorCode,
    endpointId: string,
    message: string,
    { tags = [], received = [] }: { readonly tags?: readonly string[]; readonly received?: readonly Call[] } = {},
  ) {
    super(code, message)
    this.endpointId = endpointId
    this.tags = tags
    hidden(this, 'received', received)
  }

  override get name(): string {
    return 'CallbackEndpointError'
  }
}

/** For an id that no endpoint has. Text that cannot be an id may be a URL or its last segment, and is not told. */
export function unknownEndpoint(text: string): CallbackEndpointError {
  const isId = /^(?:[\w-]{22}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/.test(text)
  return new CallbackEndpointError(
    'ERR_CALLBACK_UNKNOWN',
    isId ? text : '',
    isId
      ? `Expected the id of a callback but "${text}" is not in the store`
      : `Expected the id of a callback, which endpoint.id has, but found text of ${text.length} characters that is none`,
  )
}

/** No call within the time given. Says what did arrive and why it was refused. */
export class CallbackTimeoutError extends CallbackEndpointError {
  declare readonly code: 'ERR_CALLBACK_TIMEOUT'
  readonly status: CallbackStatus
  readonly rejections: readonly Rejection[]
  /** What `claimCheck.fetch` failed with, where a call came and its payload did not. No `cause`: it may name the claim, and would be printed. */
  declare readonly claimError: unknown

  constructor(
    message: string,
    status: CallbackStatus,
    rejections: readonly Rejection[],
    received: readonly Call[] = [],
    claimError?: unknown,
  ) {
    super('ERR_CALLBACK_TIMEOUT', status.id, message, { tags: ['TimeoutError'], received })
    this.status = status
    this.rejections = rejections
    hidden(this, 'claimError', claimError)
  }

  override get name(): string {
    return 'CallbackTimeoutError'
  }
}

export class CallbackExpiredError extends CallbackEndpointError {
  declare readonly code: 'ERR_CALLBACK_EXPIRED'

  constructor(endpointId: string, message: string, received: readonly Call[] = []) {
    super('ERR_CALLBACK_EXPIRED', endpointId, message, { received })
  }

  override get name(): string {
    return 'CallbackExpiredError'
  }
}

export class CallbackCancelledError extends CallbackEndpointError {
  declare readonly code: 'ERR_CALLBACK_CANCELLED'
  readonly reason?: string

  constructor(endpointId: string, message: string, reason?: string, received: readonly Call[] = []) {
    super('ERR_CALLBACK_CANCELLED', endpointId, message, { received })
    if (reason !== undefined) this.reason = reason
  }

  override get name(): string {
    return 'CallbackCancelledError'
  }
}

export class CallbackCompletedError extends CallbackEndpointError {
  declare readonly code: 'ERR_CALLBACK_COMPLETED'

  constructor(endpointId: string, message: string, received: readonly Call[] = []) {
    super('ERR_CALLBACK_COMPLETED', endpointId, message, { received })
  }

  override get name(): string {
    return 'CallbackCompletedError'
  }
}

/** A call came although `expectNone()` expected none. */
export class CallbackUnexpectedError extends CallbackEndpointError {
  declare readonly code: 'ERR_CALLBACK_UNEXPECTED'
  declare readonly call: Call

  constructor(endpointId: string, message: string, call: Call) {
    super('ERR_CALLBACK_UNEXPECTED', endpointId, message)
    hidden(this, 'call', call)
  }

  override get name(): string {
    return 'CallbackUnexpectedError'
  }
}

// Not enumerable: who prints the error does not print headers and bodies.
function hidden(error: CallbackEndpointError, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, enumerable: false })
}
