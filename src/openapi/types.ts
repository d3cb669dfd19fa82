import type { OpenAPIV3, OpenAPIV3_1 } from 'openapi-types'

/** Fields of a Path Item Object that hold an Operation Object. `query` came with OAS 3.2. */
export const operationMethods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'] as const
export type OperationMethod = (typeof operationMethods)[number]

export type OpenApiVersion = '3.0' | '3.1' | '3.2'

// A document is what its author wrote, whatever these types say: the functions of this floor check each value before they use it.
export type ReferenceObject = OpenAPIV3_1.ReferenceObject
export type SchemaObject = OpenAPIV3.SchemaObject | OpenAPIV3_1.SchemaObject | boolean
export type ParameterObject = OpenAPIV3.ParameterObject | OpenAPIV3_1.ParameterObject
export type HeaderObject = OpenAPIV3.HeaderObject | OpenAPIV3_1.HeaderObject
export type MediaTypeObject = (OpenAPIV3.MediaTypeObject | OpenAPIV3_1.MediaTypeObject) & {
  /** OAS 3.2: the schema of each item of a sequential media type. */
  readonly itemSchema?: SchemaObject | ReferenceObject
}
export type RequestBodyObject = OpenAPIV3.RequestBodyObject | OpenAPIV3_1.RequestBodyObject
export type ResponseObject = OpenAPIV3.ResponseObject | OpenAPIV3_1.ResponseObject
export type SecurityRequirementObject = OpenAPIV3.SecurityRequirementObject
export type ServerObject = (OpenAPIV3.ServerObject | OpenAPIV3_1.ServerObject) & {
  /** OAS 3.2. */
  readonly name?: string
}
export type LinkObject = OpenAPIV3.LinkObject | OpenAPIV3_1.LinkObject
export type OperationObject = OpenAPIV3.OperationObject | OpenAPIV3_1.OperationObject
export type PathItemObject = (OpenAPIV3.PathItemObject | OpenAPIV3_1.PathItemObject) & {
  /** OAS 3.2 (an HTTP method in IETF draft when it was added). */
  readonly query?: OperationObject
  /** OAS 3.2: operations by method, in the capitalisation that is sent. */
  readonly additionalOperations?: Readonly<Record<string, OperationObject>>
}
/** A map of runtime expressions to Path Item Objects. */
export type CallbackObject = Readonly<Record<string, PathItemObject | ReferenceObject>>
export type OpenApiObject = (OpenAPIV3.Document | OpenAPIV3_1.Document) & {
  /** OAS 3.2: the URI of this document, and what its relative references are resolved against. */
  readonly $self?: string
}
