export { type ContentVerdict, lookUpContent } from './look-up-content.ts'
export { lookUpSchema, type SchemaVerdict } from './look-up-schema.ts'
export type { OpenReason, ParentKind } from './step-result.ts'
export type { SchemaTraits } from './traits.ts'
