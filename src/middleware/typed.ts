import type { OpenApiDescription } from '../openapi/index.ts'
import type { Handler } from './handler.ts'
import type { JsonBody, Resolved, ResponseBody } from './typed-bodies.ts'

/** Handlers by operation and callback, of a description whose type says nothing. */
export type AnyHandlers = Readonly<Record<string, Readonly<Record<string, Handler>>>>

/**
 * The handlers that a description can have. Of a document that was written `as const` operations, callbacks and bodies are known; of the
 * `operations` that openapi-typescript generates, operations and the bodies of requests and responses: it leaves callbacks out, and operations
 * without operationId, which are named by method and path.
 */
export type HandlersOf<Described> = unknown extends Described
  ? AnyHandlers
  : Described extends OpenApiDescription | URL | string
    ? AnyHandlers
    : Described extends { readonly openapi: string; readonly paths: infer Paths }
      ? DocumentHandlers<Described, Paths>
      : [keyof Described] extends [never]
        ? AnyHandlers
        : GeneratedHandlers<Described>

type Method = 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch' | 'trace' | 'query'

/** Every operation that has callbacks, as [name, Operation Object]. */
type Operations<Paths> = {
  [Path in keyof Paths & string]: {
    [M in keyof Paths[Path] & Method]: Paths[Path][M] extends { readonly callbacks: object }
      ? [NameOf<Paths[Path][M], `${Uppercase<M>} ${Path}`>, Paths[Path][M]]
      : never
  }[keyof Paths[Path] & Method]
}[keyof Paths & string]

/** A literal operationId; the method and path always. A document of which only the shape is known names nothing. */
type NameOf<Operation, Place extends string> = Operation extends { readonly operationId: infer Id extends string }
  ? Id | Place
  : Place

type DocumentHandlers<Document, Paths> = string extends Operations<Paths>[0]
  ? AnyHandlers
  : { readonly [Entry in Operations<Paths> as Entry[0]]?: CallbackHandlers<Document, Entry[1]> }

type CallbackHandlers<Document, Operation> = Operation extends { readonly callbacks: infer Callbacks }
  ? {
      readonly [Name in keyof Callbacks]?: Handler<
        JsonBody<Document, Field<Operation, 'requestBody'>>,
        ResponseBody<Document, Field<Operation, 'responses'>>,
        CallbackBody<Document, Resolved<Document, Callbacks[Name]>>
      >
    }
  : never

/** What any of the requests under any of its keys may carry. */
type CallbackBody<Document, Callback> = {
  [Key in keyof Callback]: {
    [M in keyof Callback[Key] & Method]: JsonBody<Document, Field<Callback[Key][M], 'requestBody'>>
  }[keyof Callback[Key] & Method]
}[keyof Callback]

type GeneratedHandlers<Generated> = {
  readonly [Name in keyof Generated]?: Readonly<
    Record<
      string,
      Handler<GeneratedContent<Field<Generated[Name], 'requestBody'>>, GeneratedResponse<Field<Generated[Name], 'responses'>>>
    >
  >
} & {
  // An operation without operationId is not among them, and one that has an id may be named by its place all the same.
  readonly [Place in `${Uppercase<Method>} /${string}`]?: AnyHandlers[string]
}

type GeneratedContent<Body> = Body extends { content: infer Content } ? Content[keyof Content] : unknown

type GeneratedResponse<Responses> = {
  [Status in keyof Responses]: `${Status & (string | number)}` extends `2${string}` ? GeneratedContent<Responses[Status]> : never
}[keyof Responses]

type Field<T, Name extends string> = T extends { readonly [N in Name]?: infer Value } ? Value : unknown
