import { RingbackError } from '../errors/index.ts'
import type { ParameterLocation } from '../openapi/index.ts'
import type { SchemaError } from '../schema/index.ts'

/** Why a request cannot be built: what was given is not what the callback operation asks for. */
export type RequestProblem = { readonly message: string } & (
  | { readonly reason: 'body-missing' }
  /** The operation declares no request body. */
  | { readonly reason: 'body-not-expected' }
  | { readonly reason: 'body-invalid'; readonly mediaType: string; readonly errors: readonly SchemaError[] }
  /** No declared media type, or not the one that was asked for, can carry such a value. */
  | { readonly reason: 'body-not-encodable'; readonly mediaType: string | undefined }
  | { readonly reason: 'media-type-not-declared'; readonly mediaType: string; readonly declared: readonly string[] }
  /** The schema of the body is broken, so that nothing can be checked with it. */
  | { readonly reason: 'schema-unusable'; readonly mediaType: string }
  /** No example is given, and none that fits the schema could be made. */
  | { readonly reason: 'no-example' }
  | { readonly reason: 'parameter-missing'; readonly in: ParameterLocation; readonly name: string }
  | { readonly reason: 'parameter-not-encodable'; readonly in: ParameterLocation; readonly name: string }
  /** None of the alternatives of the operation's `security` can be met. */
  | { readonly reason: 'credentials-missing'; readonly alternatives: readonly (readonly string[])[] }
)

/** A request that cannot be built. Thrown by `buildCallbackRequest`; `safeBuildCallbackRequest` has the problem as a value. */
export class CallbackRequestError extends RingbackError {
  declare readonly code: 'ERR_CALLBACK_UNBUILDABLE'
  readonly problem: RequestProblem

  constructor(problem: RequestProblem) {
    super('ERR_CALLBACK_UNBUILDABLE', problem.message)
    this.problem = problem
  }

  override get name(): string {
    return 'CallbackRequestError'
  }
}
