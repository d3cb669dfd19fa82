import { essenceOf } from '../http/index.ts'
import { type Located, type OpenApiDescription, type Operation, placeOf } from '../openapi/index.ts'
import {
  compileSchemaSync,
  type Direction,
  type SchemaError,
  SchemaInvalidError,
  selfContained,
  type Validator,
} from '../schema/index.ts'
import { canGenerateCode, strictTextOf } from '../util/index.ts'
import type { ChosenContent } from './choose-content.ts'
import type { EncodedBody } from './encoded-body.ts'
import type { RequestProblem } from './request-problem.ts'

/** What is wrong with a body by its schema; `undefined` when nothing is, or nothing can be said. */
export function bodyErrors(
  operation: Operation,
  { mediaType, format, content }: ChosenContent,
  body: unknown,
  { bytes, text }: EncodedBody,
): RequestProblem | undefined {
  const invalid = (errors: readonly SchemaError[]): RequestProblem => ({
    reason: 'body-invalid',
    mediaType,
    errors,
    message: `The body does not fit the schema of ${mediaType}: ${errors.map(sentence).slice(0, 3).join('; ')}${errors.length > 3 ? '; …' : ''}.`,
  })
  let value = body
  if (format === 'json') {
    // What is sent counts: dates are text by then, and what is undefined is gone.
    const sent = parsed(text ?? strictTextOf(bytes))
    if (sent === undefined) return invalid([{ pointer: '', schemaPointer: '#', message: 'is not JSON text in UTF-8' }])
    value = sent.value
  } else if (body instanceof Uint8Array || format === 'xml' || format === 'bytes') return undefined
  else if (format === 'multipart') value = withTexts(body as object)
  if (content?.schema === undefined) return undefined
  try {
    const errors = validatorFor(operation.description, content.schema)(value)
    return errors.length === 0 ? undefined : invalid(errors)
  } catch (error) {
    if (!(error instanceof SchemaInvalidError)) throw error
    const message = `The body cannot be checked, because of its schema: ${error.message}. Pass "validate: false" to send it unchecked.`
    return { reason: 'schema-unusable', mediaType: essenceOf(mediaType), message }
  }
}

type Known = Map<string, Validator | SchemaInvalidError>
const validators: Readonly<Record<Direction, WeakMap<OpenApiDescription, Known>>> = {
  request: new WeakMap(),
  response: new WeakMap(),
}

const bySchema = new WeakMap<Located, Validator>()

/**
 * Of a schema of a body or a header, compiled once, also where that fails. Where text may not become code, everything fits. Throws
 * `SchemaInvalidError`.
 */
export function validatorFor(description: OpenApiDescription, schema: Located, direction: Direction = 'request'): Validator {
  // The same object, most often: its place need not be spelled out to find it.
  if (direction === 'response') return validatorAt(description, schema, direction)
  let validator = bySchema.get(schema)
  if (validator === undefined) {
    validator = validatorAt(description, schema, direction)
    bySchema.set(schema, validator)
  }
  return validator
}

function validatorAt(description: OpenApiDescription, schema: Located, direction: Direction): Validator {
  let known = validators[direction].get(description)
  if (known === undefined) {
    known = new Map()
    validators[direction].set(description, known)
  }
  let validator = known.get(placeOf(schema))
  if (validator === undefined) {
    validator = compiled(description, schema, direction)
    known.set(placeOf(schema), validator)
  }
  if (validator instanceof SchemaInvalidError) throw validator
  return validator
}

function compiled(description: OpenApiDescription, schema: Located, direction: Direction): Validator | SchemaInvalidError {
  if (!canGenerateCode()) return () => []
  try {
    const { schema: plain, dialect } = selfContained(description, schema, direction)
    return compileSchemaSync(plain, { dialect })
  } catch (error) {
    if (error instanceof SchemaInvalidError) return error
    throw error
  }
}

function parsed(text: string | undefined): { readonly value: unknown } | undefined {
  try {
    return text === undefined ? undefined : { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** A file is a text, for a schema. */
function withTexts(body: object): unknown {
  const textOf = (value: unknown): unknown => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value)
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, Array.isArray(value) ? value.map(textOf) : textOf(value)]),
  )
}

function sentence({ pointer, message }: SchemaError): string {
  return pointer === '' ? `it ${message}` : `${pointer} ${message}`
}
