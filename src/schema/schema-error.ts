import { RingbackError } from '../errors/index.ts'

/** A schema that cannot be used: not valid in its dialect, too large, or with a reference that leads nowhere. */
export class SchemaInvalidError extends RingbackError {
  declare readonly code: 'ERR_SCHEMA_INVALID'
  /** JSON Pointer into the schema, as a fragment: `#/type`. */
  readonly pointer: string

  constructor(pointer: string, message: string, options?: ErrorOptions) {
    super('ERR_SCHEMA_INVALID', message, options)
    this.pointer = pointer
  }

  override get name(): string {
    return 'SchemaInvalidError'
  }
}
