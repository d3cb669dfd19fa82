/**
 * Which language an expression is written in.
 * - `oas3`: OpenAPI 3.0.0 to 3.2.0; one language once three editorial slips are read as meant.
 * - `draft2017`: the draft of OpenAPI 3.0 (commit 6e6c4f6), `$request.body.urls[2]`.
 * - `arazzo-…`: Arazzo, by version.
 * - `asyncapi`: AsyncAPI 2.1.0 and later; `asyncapi-2.0.0` also takes the dot that its grammar printed before `#`.
 */
export type Dialect = 'oas3' | 'draft2017' | 'arazzo-1.0.0' | 'arazzo-1.0.1' | 'arazzo-1.1.0' | 'asyncapi-2.0.0' | 'asyncapi'

export const dialects: readonly Dialect[] = [
  'oas3',
  'draft2017',
  'arazzo-1.0.0',
  'arazzo-1.0.1',
  'arazzo-1.1.0',
  'asyncapi-2.0.0',
  'asyncapi',
]

/**
 * Where a template stands, which decides what a brace without expression means.
 * - `callback-key`: the key of a Callback Object. Starts with `$`: one bare expression. Otherwise `{name}` is a path parameter, and any
 *   other brace an error.
 * - `text`: a string of a Link Object. Only `{$` opens, other braces are text.
 * - `expression-string`: Arazzo 1.1. A brace must open or close an expression.
 */
export type TemplateMode = 'callback-key' | 'text' | 'expression-string'
