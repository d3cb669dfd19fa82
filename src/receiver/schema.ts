import { compileSchema, SchemaInvalidError } from '../schema/index.ts'
import type { ValidationError } from './status.ts'

/** https://standardschema.dev, version 1. */
export interface StandardSchema<T = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => unknown
    readonly types?: { readonly output: T } | undefined
  }
}

export type CheckedBody =
  | { readonly ok: true /** What the schema made of it. */; readonly value: unknown }
  | { readonly ok: false; readonly errors: readonly ValidationError[] }

export type BodyCheck = (body: unknown) => Promise<CheckedBody>

/** An answer names that many errors at most. */
const maxErrors = 20

export function isStandardSchema(schema: unknown): schema is StandardSchema {
  return (typeof schema === 'object' || typeof schema === 'function') && schema !== null && '~standard' in schema
}

/** The schema in a `schema` option that is not a Standard Schema: text is parsed. */
export function jsonSchemaOf(schema: object | boolean | string): unknown {
  if (typeof schema !== 'string') return schema
  try {
    return JSON.parse(schema)
  } catch (error) {
    throw new SchemaInvalidError('#', 'Expected a schema as JSON text but found text that is not JSON', { cause: error })
  }
}

/** No body counts as null, as in uTask: who wants a body says so with `type`. */
export async function jsonSchemaCheck(schema: unknown): Promise<BodyCheck> {
  const validate = await compileSchema(schema)
  return async (body) => {
    const errors = validate(body === undefined ? null : body).slice(0, maxErrors)
    if (errors.length === 0) return { ok: true, value: body }
    if (body === undefined) return { ok: false, errors: [{ in: 'body', pointer: '', schemaPointer: '#', message: 'is missing' }] }
    return { ok: false, errors: errors.map((error) => ({ in: 'body', ...error })) }
  }
}

interface Issue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[]
}

export function standardSchemaCheck(schema: StandardSchema): BodyCheck {
  return async (body) => {
    const result = (await schema['~standard'].validate(body)) as { readonly value?: unknown; readonly issues?: readonly Issue[] }
    if (result.issues === undefined) return { ok: true, value: result.value }
    return {
      ok: false,
      errors: result.issues.slice(0, maxErrors).map(({ message, path = [] }) => ({
        in: 'body',
        pointer: path.map((part) => `/${escaped(typeof part === 'object' ? part.key : part)}`).join(''),
        schemaPointer: '#',
        message,
      })),
    }
  }
}

function escaped(token: PropertyKey): string {
  return String(token).replaceAll('~', '~0').replaceAll('/', '~1')
}
