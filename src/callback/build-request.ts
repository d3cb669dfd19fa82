import { type CallbackRequest, withQuery } from '../http/index.ts'
import type { OpenApiDescription, Operation } from '../openapi/index.ts'
import { err, type Mutable, ok, type Result, type Waits } from '../util/index.ts'
import { bodyErrors } from './body-errors.ts'
import type { CallbackTarget } from './callback-target.ts'
import { type ChosenContent, chooseContent } from './choose-content.ts'
import { type CredentialUse, credentialsFor } from './credential-use.ts'
import { declaredRequestOf } from './declared-request.ts'
import { encodeBody } from './encode-body.ts'
import type { EncodedBody } from './encoded-body.ts'
import { exampleBody } from './example-body.ts'
import { requestIdOf } from './request-id.ts'
import { writeParameters } from './request-parameters.ts'
import { CallbackRequestError, type RequestProblem } from './request-problem.ts'
import { operationOfTarget } from './target-operation.ts'

export interface RequestOptions {
  /**
   * Default: made of the target, and so the same for every request to it, which a dispatcher then stores once. To call one target again, with
   * something new to say, give each request an id of its own: `order-7-shipped`. Visible ASCII without `.`, at most 200 characters.
   */
  readonly id?: string
  /**
   * The value to send, as its media type has it: anything for JSON, a record for forms and multipart bodies, text, or bytes that are
   * written already (`Uint8Array`, with any media type).
   */
  readonly body?: unknown
  /** Send the example of the description, or one made from the schema; also for required parameters that are not given. Default false. */
  readonly example?: boolean
  /** Query, header and cookie parameters of the callback operation, by name; `header.name` where two have the same. */
  readonly parameters?: Readonly<Record<string, unknown>>
  /** Default: the first declared one that can carry the body, JSON before others. */
  readonly mediaType?: string
  /** Names of the Security Schemes that the application has credentials for. Default: whatever the operation names first. */
  readonly credentials?: readonly string[]
  /** Needed for a target that was stored: the description, read again. Default: the one that the target was made from. */
  readonly description?: OpenApiDescription
  /** Whether the body must fit its schema. Default true. */
  readonly validate?: boolean
}

/**
 * The request that calls a target: method, URL, header fields and bytes are fixed, and the id is the same whenever the same exchange is
 * planned again, unless `id` is given. Throws a `CallbackRequestError` when the body or a parameter is not what the callback operation asks for, a `TypeError`
 * when the target cannot be used.
 */
export function buildCallbackRequest(target: CallbackTarget, options: RequestOptions = {}): CallbackRequest {
  const built = safeBuildCallbackRequest(target, options)
  if (!built.ok) throw new CallbackRequestError(built.error)
  return built.value
}

/** As `buildCallbackRequest`, with what is wrong with body or parameters as a value. */
export function safeBuildCallbackRequest(
  target: CallbackTarget,
  options: RequestOptions = {},
): Result<CallbackRequest, RequestProblem> {
  const { example = false, parameters = {}, credentials } = options
  if (example && options.body !== undefined) throw new TypeError('Expected "body" or "example", not both.')
  const operation = operationOfTarget(target, options.description)
  const { id = requestIdOf(target) } = options
  const written = writeParameters(operation, parameters, example)
  if (!written.ok) return written
  const body = bodyFor(operation, options, id)
  if (!body.ok) return body
  const uses = credentialsFor(operation, credentials)
  if (!uses.ok) return uses
  const { query, headers } = written.value
  const request: Mutable<CallbackRequest> = {
    id,
    method: target.method,
    url: withQuery(target.url, query),
    headers: body.value === undefined ? { ...headers } : { 'content-type': body.value.contentType, ...headers },
    metadata: metadataOf(target, uses.value, declaredRequestOf(operation).schedule),
  }
  if (body.value !== undefined) request.body = body.value.bytes
  if (target.constraint !== undefined) request.constraint = target.constraint
  return ok(request)
}

function bodyFor(
  operation: Operation,
  { body: given, example = false, mediaType, validate = true }: RequestOptions,
  seed: string,
): Result<EncodedBody | undefined, RequestProblem> {
  const { body: declared } = declaredRequestOf(operation)
  const contents = declared?.contents ?? []
  let chosen: ChosenContent
  let body = given
  if (example) {
    if (declared === undefined) return ok(undefined)
    const made = exampleBody(operation, contents, mediaType)
    if (!made.ok) return made
    ;({ chosen, body } = made.value)
  } else {
    if (body === undefined) {
      if (declared?.required !== true) return ok(undefined)
      const message = `Expected a body, which ${operation.method} ${operation.path} requires, but found none.`
      return err({ reason: 'body-missing', message })
    }
    if (declared === undefined && mediaType === undefined) {
      const message = `Expected no body, since ${operation.method} ${operation.path} declares none. Name a "mediaType" to send one all the same.`
      return err({ reason: 'body-not-expected', message })
    }
    const content = chooseContent(contents, body, mediaType)
    if (!content.ok) return content
    chosen = content.value
  }
  const encoded = encodeBody(chosen, body, seed)
  if (!encoded.ok || !validate) return encoded
  const wrong = bodyErrors(operation, chosen, body, encoded.value)
  return wrong === undefined ? encoded : err(wrong)
}

function metadataOf(
  target: CallbackTarget,
  credentials: readonly CredentialUse[],
  schedule: Waits | undefined,
): Readonly<Record<string, unknown>> {
  const { operation, callbackOperation } = target
  const metadata: Record<string, unknown> = {
    descriptionId: target.descriptionId,
    exchangeId: target.exchangeId,
    operation: operation.pointer,
  }
  if (operation.operationId !== undefined) metadata.operationId = operation.operationId
  metadata.callback = target.callback
  metadata.key = target.key
  metadata.callbackOperation = callbackOperation.pointer
  if (credentials.length > 0) metadata.credentials = credentials
  if (schedule !== undefined) metadata.schedule = schedule
  return metadata
}
