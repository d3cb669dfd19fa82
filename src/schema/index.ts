export { compileSchema, type SchemaOptions } from './compile-schema.ts'
export { SchemaInvalidError } from './schema-error.ts'
export type { Dialect, SchemaError, Validator } from './validator.ts'
