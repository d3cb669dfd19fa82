export { compileSchema } from './compile-schema.ts'
export { SchemaInvalidError } from './schema-error.ts'
export type { Dialect } from './validator.ts'
