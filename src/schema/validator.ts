/** One way in which a value breaks a schema. */
export interface SchemaError {
  /** JSON Pointer into the value: `/items/0`; empty: the value itself. */
  readonly pointer: string
  /** JSON Pointer into the schema, as a fragment: `#/properties/items`. */
  readonly schemaPointer: string
  /** In plain words, without the value: `must be boolean`. */
  readonly message: string
}

/** Checks values; an empty list: it fits. Never throws. */
export type Validator = (value: unknown) => readonly SchemaError[]

/** `openapi-3.0`: the Schema Object of OAS 3.0 with `nullable` and boolean `exclusiveMinimum`. */
export type Dialect = 'draft-04' | 'draft-06' | 'draft-07' | '2019-09' | '2020-12' | 'openapi-3.0'
