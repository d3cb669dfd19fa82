import type { JsonPointer } from '../../expression/index.ts'
import type { OpenReason, ParentKind, SchemaTraits } from '../../openapi/index.ts'

/** What the description says of the value that an expression reads. */
export type Resolution =
  | {
      readonly kind: 'found'
      /** It is there in every valid exchange. */
      readonly required: boolean
      /** Of the value; absent where nothing is known of it. */
      readonly traits?: SchemaTraits
    }
  | {
      readonly kind: 'undeclared'
      readonly what: 'path' | 'query' | 'request-header' | 'response-header'
      readonly name: string
      /** Names that are declared and may have been meant. */
      readonly didYouMean: readonly string[]
    }
  /** The operation has no request body, or none of its successful responses has one. */
  | { readonly kind: 'no-body'; readonly message: 'request' | 'response' }
  | {
      readonly kind: 'missing'
      readonly message: 'request' | 'response'
      readonly pointer: JsonPointer
      /** Index of the first token that leads nowhere. */
      readonly depth: number
      readonly token: string
      readonly parent: ParentKind
      /** JSON Pointers; `*` is any index. */
      readonly didYouMean: readonly string[]
      readonly mediaType: string
    }
  | {
      readonly kind: 'cannot-tell'
      readonly why: OpenReason | 'media-type' | 'no-schema' | 'no-content'
      readonly detail?: string
    }
  /** `$response.query`, `$response.path`. */
  | { readonly kind: 'impossible'; readonly what: 'query' | 'path' }
  | { readonly kind: 'own'; readonly of: 'url' | 'method' | 'status-code' }
