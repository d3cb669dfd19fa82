import { contentFor, type Located, type Operation, requestBodyOf } from '../../openapi/index.ts'
import { typed, type Validator } from '../../schema/index.ts'
import type { Decoded } from '../decode-content.ts'
import type { ValidationError } from '../status.ts'
import { ContractError } from './contract-error.ts'
import { pointerIn } from './pointer-in.ts'
import { readOnlyIn } from './read-only.ts'
import { validatorOf } from './validator.ts'

export interface ReceivedBody {
  readonly contentType: string | undefined
  readonly length: number
  readonly decoded: Decoded
}

export interface Findings {
  readonly errors: readonly ValidationError[]
  readonly warnings: readonly ValidationError[]
}

export interface BodyCheck {
  /** As written in the description; empty: any. */
  readonly mediaTypes: readonly string[]
  accepts(contentType: string | undefined): boolean
  /** Whether a body of this type is checked by a schema, so that it must be readable. */
  hasSchemaFor(contentType: string | undefined): boolean
  examine(body: ReceivedBody): Findings
}

/** Checks the request body of a callback operation. Everything is compiled now. Throws `ContractError` and `SchemaInvalidError`. */
export function bodyCheckOf(operation: Operation): BodyCheck {
  const { description } = operation
  const declared = requestBodyOf(operation)
  if (declared?.failure !== undefined) throw new ContractError(pointerIn(description, declared.at), declared.failure.message)
  const contents = declared?.contents ?? []
  const validators = new Map<Located, Validator>()
  for (const { schema } of contents) if (schema !== undefined) validators.set(schema, validatorOf(description, schema, 'request'))
  const contentOf = (contentType: string | undefined): (typeof contents)[number] | undefined =>
    contentType === undefined ? undefined : contentFor(contents, contentType)

  return {
    mediaTypes: contents.map(({ mediaType }) => mediaType),
    accepts: (contentType) => contents.length === 0 || contentOf(contentType) !== undefined,
    hasSchemaFor: (contentType) => contentOf(contentType)?.schema !== undefined,

    examine({ contentType, length, decoded }) {
      if (length === 0) return declared?.required === true ? refuse('is missing') : nothing
      if (contents.length === 0) return nothing
      const content = contentOf(contentType)
      if (content === undefined) return refuse('has a media type that is not declared')
      if (content.schema === undefined) return nothing
      if (decoded.error !== undefined) return refuse(`is ${decoded.error}`)
      const validate = validators.get(content.schema)
      if (validate === undefined || decoded.kind === 'bytes') return nothing
      const isText = decoded.kind === 'form' || decoded.kind === 'multipart' || decoded.kind === 'text'
      const value = isText ? typed(description, content.schema, withTexts(decoded.value)) : decoded.value
      return {
        errors: validate(value).map((error) => ({ in: 'body', ...error })),
        warnings: readOnlyIn(description, content.schema, value).map((pointer) => ({
          in: 'body',
          pointer,
          schemaPointer: '#',
          message: 'is readOnly, and should not be sent',
        })),
      }
    },
  }
}

const nothing: Findings = { errors: [], warnings: [] }

function refuse(message: string): Findings {
  return { errors: [{ in: 'body', pointer: '', schemaPointer: '#', message }], warnings: [] }
}

/** A file is a text, for a schema. */
function withTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withTexts)
  if (typeof value !== 'object' || value === null) return value
  const { bytes } = value as { readonly bytes?: unknown }
  if (bytes instanceof Uint8Array) return Buffer.from(bytes).toString('latin1')
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withTexts(one)]))
}
