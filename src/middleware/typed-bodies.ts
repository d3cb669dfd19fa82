/** The body under a JSON media type of a Request Body or Response Object. `unknown`: the document does not tell. */
export type JsonBody<Document, Holder> =
  Resolved<Document, Holder> extends { readonly content: infer Content }
    ? { [Type in keyof Content]: Type extends `${string}json` ? SchemaOf<Document, Content[Type]> : unknown }[keyof Content]
    : unknown

/** The body of any answer that is followed by callbacks. */
export type ResponseBody<Document, Responses> = [keyof Responses & Success] extends [never]
  ? unknown
  : { [Status in keyof Responses & Success]: JsonBody<Document, Responses[Status]> }[keyof Responses & Success]

type Success = 200 | 201 | 202 | 203 | 204 | 206 | '200' | '201' | '202' | '203' | '204' | '206' | '2XX'

/** What a reference into the components of the same document stands for. Any other reference is not followed. */
export type Resolved<Document, T> = T extends { readonly $ref: infer Ref }
  ? Ref extends `#/components/${infer Kind}/${infer Name}`
    ? Document extends { readonly components: { readonly [K in Kind]: { readonly [N in Name]: infer Target } } }
      ? Target
      : unknown
    : unknown
  : T

type SchemaOf<Document, MediaType> = MediaType extends { readonly schema: infer Schema } ? Value<Document, Schema> : unknown

/** The values that a schema describes, as far as a type can tell: limits and patterns are for the validator. */
type Value<Document, Schema> = Schema extends { readonly $ref: string }
  ? Value<Document, Resolved<Document, Schema>>
  : Schema extends { readonly const: infer Constant }
    ? Constant
    : Schema extends { readonly enum: readonly (infer One)[] }
      ? One
      : Schema extends { readonly oneOf: readonly (infer One)[] }
        ? Value<Document, One>
        : Schema extends { readonly anyOf: readonly (infer One)[] }
          ? Value<Document, One>
          : Schema extends { readonly type: infer Type }
            ? Typed<Document, Schema, Type extends readonly (infer Each)[] ? Each : Type> | Nullable<Schema>
            : Schema extends { readonly properties: object }
              ? ObjectValue<Document, Schema>
              : unknown

type Nullable<Schema> = Schema extends { readonly nullable: true } ? null : never

type Typed<Document, Schema, Type> = Type extends 'string'
  ? string
  : Type extends 'number' | 'integer'
    ? number
    : Type extends 'boolean'
      ? boolean
      : Type extends 'null'
        ? null
        : Type extends 'array'
          ? readonly (Schema extends { readonly items: infer Items } ? Value<Document, Items> : unknown)[]
          : Type extends 'object'
            ? ObjectValue<Document, Schema>
            : unknown

type ObjectValue<Document, Schema> = Schema extends { readonly properties: infer Properties }
  ? {
      readonly [Name in keyof Properties as Name extends RequiredOf<Schema> ? Name : never]: Value<Document, Properties[Name]>
    } & {
      readonly [Name in keyof Properties as Name extends RequiredOf<Schema> ? never : Name]?: Value<Document, Properties[Name]>
    }
  : Readonly<Record<string, unknown>>

type RequiredOf<Schema> = Schema extends { readonly required: readonly (infer Name)[] } ? Name : never
