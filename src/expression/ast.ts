/** Half-open range of UTF-16 offsets in the parsed text. */
export interface Span {
  readonly start: number
  readonly end: number
}

interface Node {
  readonly span: Span
}

/** OAS 3, "Runtime Expressions": the sources of one HTTP message. */
export interface HeaderReference extends Node {
  readonly kind: 'header-reference'
  /** Lower-cased: a field name is case-insensitive. */
  readonly name: string
  /** As written. */
  readonly raw: string
}

export interface QueryReference extends Node {
  readonly kind: 'query-reference'
  /** JSON escapes decoded (RFC 8259, section 7). */
  readonly name: string
  /** As written. */
  readonly raw: string
}

export interface PathReference extends Node {
  readonly kind: 'path-reference'
  /** JSON escapes decoded (RFC 8259, section 7). */
  readonly name: string
  /** As written. */
  readonly raw: string
}

export interface BodyReference extends Node {
  readonly kind: 'body-reference'
  /** Absent without `#`: the body as it is. */
  readonly pointer?: JsonPointer
}

/** Arazzo 1.1: the payload of a message. */
export interface PayloadReference extends Node {
  readonly kind: 'payload-reference'
  readonly pointer?: JsonPointer
}

/** Draft of 2017: a dotted path into the body. */
export interface DraftBodyReference extends Node {
  readonly kind: 'draft-body-reference'
  /** Member names (escapes decoded) and zero-based indexes. */
  readonly path: readonly (string | number)[]
  /** What follows `body`, as written. */
  readonly raw: string
}

/** RFC 6901. No tokens: the whole document. */
export interface JsonPointer extends Node {
  readonly kind: 'json-pointer'
  /** Unescaped reference tokens. */
  readonly tokens: readonly string[]
}

export type Source = HeaderReference | QueryReference | PathReference | BodyReference | PayloadReference | DraftBodyReference

export interface UrlExpression extends Node {
  readonly kind: 'url'
}

export interface MethodExpression extends Node {
  readonly kind: 'method'
}

export interface StatusCodeExpression extends Node {
  readonly kind: 'status-code'
}

export interface RequestExpression extends Node {
  readonly kind: 'request'
  readonly source: Source
}

export interface ResponseExpression extends Node {
  readonly kind: 'response'
  readonly source: Source
}

/** Arazzo: a part of the message that a step received. */
export interface MessageExpression extends Node {
  readonly kind: 'message'
  readonly source: Source
}

/** AsyncAPI: the headers of the message, as one value. */
export interface MessageHeaderExpression extends Node {
  readonly kind: 'message-header'
  readonly pointer?: JsonPointer
}

/** AsyncAPI: the payload of the message. */
export interface MessagePayloadExpression extends Node {
  readonly kind: 'message-payload'
  readonly pointer?: JsonPointer
}

/** Arazzo 1.1: the URI of the description itself. */
export interface SelfExpression extends Node {
  readonly kind: 'self'
}

/** Arazzo 1.0: everything after the root's dot is one name. */
export interface ArazzoNameExpression extends Node {
  readonly kind: 'arazzo-name'
  readonly root: ArazzoRoot
  /** JSON escapes decoded. */
  readonly name: string
  /** As written. */
  readonly raw: string
}

export type ArazzoRoot = 'inputs' | 'outputs' | 'steps' | 'workflows' | 'sourceDescriptions' | 'components'

export interface InputsExpression extends Node {
  readonly kind: 'inputs'
  readonly name: string
  readonly pointer?: JsonPointer
}

export interface OutputsExpression extends Node {
  readonly kind: 'outputs'
  readonly name: string
  readonly pointer?: JsonPointer
}

export interface StepsExpression extends Node {
  readonly kind: 'steps'
  readonly stepId: string
  readonly output: string
  readonly pointer?: JsonPointer
}

export interface WorkflowsExpression extends Node {
  readonly kind: 'workflows'
  readonly workflowId: string
  readonly field: 'inputs' | 'outputs'
  readonly name: string
  readonly pointer?: JsonPointer
}

export interface SourceDescriptionsExpression extends Node {
  readonly kind: 'source-descriptions'
  readonly source: string
  /** JSON escapes decoded. */
  readonly reference: string
  /** The reference as written. */
  readonly raw: string
}

export interface ComponentsExpression extends Node {
  readonly kind: 'components'
  readonly componentType: 'parameters' | 'successActions' | 'failureActions'
  readonly name: string
}

/** An expression of OAS 3 (also: what the other dialects share with it). */
export type OasExpression = UrlExpression | MethodExpression | StatusCodeExpression | RequestExpression | ResponseExpression

export type RuntimeExpression =
  | OasExpression
  | MessageExpression
  | MessageHeaderExpression
  | MessagePayloadExpression
  | SelfExpression
  | ArazzoNameExpression
  | InputsExpression
  | OutputsExpression
  | StepsExpression
  | WorkflowsExpression
  | SourceDescriptionsExpression
  | ComponentsExpression

export interface Literal extends Node {
  readonly kind: 'literal'
  /** Never empty. */
  readonly text: string
}

export interface EmbeddedExpression extends Node {
  readonly kind: 'embedded-expression'
  readonly expression: RuntimeExpression
}

/** `{name}` in a callback key: a path parameter of the callback's path item. */
export interface PathParameter extends Node {
  readonly kind: 'path-parameter'
  readonly name: string
}

export type TemplatePart = Literal | EmbeddedExpression | PathParameter

/** Text with expressions embedded in it. The OAS has no word for it; a callback's key is one. */
export interface ExpressionTemplate extends Node {
  readonly kind: 'expression-template'
  readonly parts: readonly TemplatePart[]
  /** The whole key is one expression without braces: `parts` holds it alone. */
  readonly bare: boolean
  readonly delimiters: Delimiters
}

/** `{…}` (OAS) or `<…>`. */
export type Delimiters = 'braces' | 'angle'

export type ExpressionNode = RuntimeExpression | Source | JsonPointer | ExpressionTemplate | TemplatePart
