import type { Located, OpenApiDescription } from '../../openapi/index.ts'
import { compileSchemaSync, type Direction, selfContained, type Validator } from '../../schema/index.ts'

/** Of a schema of a description, with all it refers to. Throws `SchemaInvalidError`. */
export function validatorOf(description: OpenApiDescription, schema: Located, direction: Direction): Validator {
  const { schema: plain, dialect } = selfContained(description, schema, direction)
  return compileSchemaSync(plain, { dialect })
}
