import {
  type CallbackReply,
  fieldValue,
  formFields,
  type HeaderFields,
  isJsonMediaType,
  type ReplyProblem,
} from '../http/index.ts'
import {
  child,
  contentFor,
  type Located,
  type OpenApiDescription,
  type Operation,
  type Response,
  type ResponseHeader,
  responseFor,
  responsesOf,
} from '../openapi/index.ts'
import { declaredTypes, listed, SchemaInvalidError, typed } from '../schema/index.ts'
import { strictTextOf } from '../util/index.ts'
import { validatorFor } from './body-errors.ts'
import { formatOf } from './choose-content.ts'
import { descriptionIdOf, rememberedDescription } from './description-id.ts'
import { operationAt } from './operation-pointer.ts'

/** What `replyChecker` makes, as a dispatcher wants it. */
export type ReplyChecker = (
  delivery: { readonly metadata: Readonly<Record<string, unknown>> },
  reply: CallbackReply,
) => readonly ReplyProblem[]

/**
 * Holds replies to what the callback operation declares of them. Which operation that is stands in the metadata that `buildCallbackRequest`
 * has written, so that it is found after a restart too: among these descriptions, or those that this process still holds. What was not made
 * from a description is not checked.
 */
export function replyChecker(...descriptions: readonly OpenApiDescription[]): ReplyChecker {
  const byId = new Map(descriptions.map((description) => [descriptionIdOf(description), description]))
  return ({ metadata: { descriptionId, callbackOperation } }, reply) => {
    if (typeof descriptionId !== 'string' || typeof callbackOperation !== 'string') return []
    const description = byId.get(descriptionId) ?? rememberedDescription(descriptionId)
    const operation = description && operationAt(description, { pointer: callbackOperation })
    if (operation !== undefined) return replyProblems(operation, reply)
    const missing = description === undefined ? `description ${descriptionId}` : `operation ${callbackOperation} in it`
    return [problem('unchecked', `Expected the ${missing}, from which the callback was made, but it is not there.`)]
  }
}

/** How a reply differs from the responses that an operation declares. One that declares none is content with any. */
function replyProblems(operation: Operation, reply: CallbackReply): readonly ReplyProblem[] {
  if (responsesOf(operation).length === 0) return []
  const response = responseFor(operation, reply.status)
  if (response === undefined) {
    const declared = responsesOf(operation)
      .map(({ status }) => status)
      .join(', ')
    return [problem('status-undeclared', `Expected one of the declared statuses (${declared}), found ${reply.status}.`)]
  }
  if (response.failure !== undefined) return [problem('unchecked', response.failure.message)]
  return [
    ...response.headers.flatMap((header) => headerProblems(operation.description, header, reply.headers)),
    ...bodyProblems(operation.description, response, reply),
  ]
}

/** OAS 3, Response Object: a header named Content-Type is ignored. */
function headerProblems(
  description: OpenApiDescription,
  { name, object, schema }: ResponseHeader,
  headers: HeaderFields,
): readonly ReplyProblem[] {
  if (object === undefined || name.toLowerCase() === 'content-type') return []
  const text = fieldValue(headers, name)
  if (text === undefined) {
    return object.value.required === true ? [problem('header-missing', `Expected the header "${name}", which is required.`)] : []
  }
  if (schema === undefined) return []
  return invalid(description, schema, headerValue(description, object, schema, text), 'header-invalid', `The header "${name}"`)
}

/** The style of headers is `simple`. One with `content` is the text of that media type. */
function headerValue(description: OpenApiDescription, object: Located, schema: Located, text: string): unknown {
  const [mediaType] = Object.keys((child(object, 'content')?.value ?? {}) as object)
  if (mediaType !== undefined) return isJsonMediaType(mediaType) ? jsonOf(text)?.value : text
  const types = declaredTypes(description, schema)
  const kind = types.has('array') ? 'array' : types.has('object') ? 'object' : 'scalar'
  const isExploded = child(object, 'explode')?.value === true
  return typed(
    description,
    schema,
    listed(text, kind, ',', isExploded, (one) => one.trim()),
  )
}

function bodyProblems(
  description: OpenApiDescription,
  { contents, status }: Response,
  reply: CallbackReply,
): readonly ReplyProblem[] {
  // Without `content` nothing is said of the body: most receivers write some word into it.
  if (contents.length === 0 || reply.status === 204 || reply.status === 205) return []
  const declared = contents.map(({ mediaType }) => mediaType).join(', ')
  if (reply.body.byteLength === 0 && reply.completeness === 'complete') {
    return [problem('body-missing', `Expected a body (${declared}), as is declared for ${status}, found none.`)]
  }
  const mediaType = fieldValue(reply.headers, 'content-type')
  const content = mediaType === undefined ? undefined : contentFor(contents, mediaType)
  if (mediaType === undefined || content === undefined) {
    return [
      problem('media-type-undeclared', `Expected one of the declared media types (${declared}), found another one, or none.`),
    ]
  }
  if (content.schema === undefined) return []
  if (reply.completeness !== 'complete') {
    return [problem('unchecked', `Expected the whole body, to hold it to its schema, but it is ${reply.completeness}.`)]
  }
  const decoded = decodedBody(description, content.schema, mediaType, reply.body)
  if (decoded === undefined) return []
  if ('fault' in decoded) return [problem('body-invalid', `The body ${decoded.fault}.`)]
  return invalid(description, content.schema, decoded.value, 'body-invalid', 'The body')
}

/** `undefined`: a format that no schema is held against here. */
function decodedBody(
  description: OpenApiDescription,
  schema: Located,
  mediaType: string,
  body: Uint8Array,
): { readonly value: unknown } | { readonly fault: string } | undefined {
  const format = formatOf(mediaType)
  if (format !== 'json' && format !== 'text' && format !== 'form') return undefined
  const text = strictTextOf(body)
  if (text === undefined) return format === 'json' ? { fault: 'is not JSON text in UTF-8' } : undefined
  if (format === 'json') return jsonOf(text) ?? { fault: 'is not JSON' }
  return { value: typed(description, schema, format === 'form' ? formFields(text) : text) }
}

function invalid(
  description: OpenApiDescription,
  schema: Located,
  value: unknown,
  reason: 'body-invalid' | 'header-invalid',
  what: string,
): readonly ReplyProblem[] {
  try {
    return validatorFor(
      description,
      schema,
      'response',
    )(value).map(({ pointer, message }) => problem(reason, `${what}${pointer === '' ? '' : ` at ${pointer}`} ${message}.`))
  } catch (error) {
    if (!(error instanceof SchemaInvalidError)) throw error
    return [problem('unchecked', `${what} cannot be checked, because of its schema: ${error.message}`)]
  }
}

function jsonOf(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

function problem(reason: ReplyProblem['reason'], message: string): ReplyProblem {
  return { reason, message }
}
