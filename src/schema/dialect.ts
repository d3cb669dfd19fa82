import { SchemaInvalidError } from './schema-error.ts'
import type { Dialect } from './validator.ts'

const dialectByUri: readonly (readonly [uri: string, dialect: Dialect])[] = [
  ['json-schema.org/draft-04/schema', 'draft-04'],
  ['json-schema.org/draft-06/schema', 'draft-06'],
  ['json-schema.org/draft-07/schema', 'draft-07'],
  ['json-schema.org/draft/2019-09/schema', '2019-09'],
  ['json-schema.org/draft/2020-12/schema', '2020-12'],
  // The base dialects of OAS 3.1 and 3.2: 2020-12 with annotations of their own.
  ['spec.openapis.org/oas/3.1/dialect/base', '2020-12'],
  ['spec.openapis.org/oas/3.1/dialect/2024-11-10', '2020-12'],
  ['spec.openapis.org/oas/3.2/dialect/2025-09-17', '2020-12'],
]

/** The dialect that a schema names with `$schema`, else `fallback`. */
export function dialectOf(schema: unknown, fallback: Dialect): Dialect {
  const uri = typeof schema === 'object' && schema !== null ? (schema as { $schema?: unknown }).$schema : undefined
  if (uri === undefined) return fallback
  const bare = typeof uri === 'string' ? uri.replace(/^https?:\/\//, '').replace(/#$/, '') : undefined
  const known = dialectByUri.find(([name]) => name === bare)
  if (known !== undefined) return known[1]
  const names = dialectByUri.slice(0, 5).map(([name]) => name)
  throw new SchemaInvalidError(
    '#/$schema',
    `Expected $schema to be one of ${names.join(', ')} but found ${JSON.stringify(uri)?.slice(0, 100)}`,
  )
}
