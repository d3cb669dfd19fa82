import type { Delimiters, Dialect, TemplateMode } from 'ringback/expression'

/** What a text is read as: one bare expression, or a template. */
export interface Entry {
  readonly dialect: Dialect
  readonly template?: { readonly mode: TemplateMode; readonly delimiters: Delimiters }
}

/**
 * The ABNF of one entry, written down from the specifications by hand and not made from our grammar: that is what makes it an oracle. The
 * start rule is `expression` or `template`. Two operators of SABNF occur besides ABNF: `&` and `!` look ahead.
 */
export function abnfOf({ dialect, template }: Entry): string {
  const taken = takenOf(dialect, template?.delimiters)
  const rules = [template === undefined ? '' : templateRules(template.mode, template.delimiters), expressionRules[dialect]]
  if (dialect !== 'asyncapi' && dialect !== 'asyncapi-2.0.0') rules.push(shared)
  rules.push(pointer, unescaped[taken])
  if (dialect !== 'asyncapi' && dialect !== 'asyncapi-2.0.0') rules.push(escapes, char[taken], name)
  if (dialect === 'draft2017') rules.push(segmentChar[taken])
  return `${rules.filter((rule) => rule !== '').join('\n')}\n`
}

type Taken = '' | '{}' | '<>' | '{}<>'

/** Arazzo 1.1 takes the braces out of names and pointers everywhere, delimiters take themselves out inside a template. */
function takenOf(dialect: Dialect, delimiters: Delimiters | undefined): Taken {
  if (dialect === 'arazzo-1.1.0') return delimiters === 'angle' ? '{}<>' : '{}'
  return delimiters === undefined ? '' : delimiters === 'braces' ? '{}' : '<>'
}

// The first closing delimiter closes, because nothing inside can hold one.
function templateRules(mode: TemplateMode, delimiters: Delimiters): string {
  const [open, close, text, notOpen] =
    delimiters === 'braces'
      ? ['%x7B', '%x7D', '%x00-7A / %x7C / %x7E-10FFFF', '%x00-7A / %x7C-10FFFF']
      : ['%x3C', '%x3E', '%x00-3B / %x3D / %x3F-10FFFF', '%x00-3B / %x3D-10FFFF']
  switch (mode) {
    case 'callback-key':
      // A key that begins with "$" is a bare expression, "$ref" and "x-…" are no keys of callbacks: `templateVerdict` knows.
      return `template = *( literal-char / ${open} expression ${close} / ${open} parameter ${close} )
parameter = !not-a-name 1*literal-char
not-a-name = *white-space ( "$" / "request." / "response." / ${close} )
white-space = %x09-0D / %x20 / %xA0 / %x1680 / %x2000-200A / %x2028-2029 / %x202F / %x205F / %x3000 / %xFEFF
literal-char = ${text}`
    case 'text':
      return `template = *( ${open} expression ${close} / ${open} !"$" / literal-char )
literal-char = ${notOpen}`
    case 'expression-string':
      return `template = *( literal-char / ${open} expression ${close} )
literal-char = ${text}`
  }
}

const oas = '"$url" / "$method" / "$statusCode" / "$request." source / "$response." source'
const oasSource = 'source = header-reference / query-reference / path-reference / body-reference'
const bodyReference = 'body-reference = "body" [ "#" json-pointer ]'

const arazzoNames =
  '"$inputs." name / "$outputs." name / "$steps." name / "$workflows." name / "$sourceDescriptions." name / "$components." name'

const expressionRules: Readonly<Record<Dialect, string>> = {
  oas3: `expression = ${oas}\n${oasSource}\n${bodyReference}`,
  draft2017: `expression = "$request." source / "$response." source
${oasSource}
body-reference = "body" *( "[" 1*DIGIT "]" / "." segment )
segment = 1*( segment-char / escape )`,
  'arazzo-1.0.0': `expression = ${oas} / "$message." source / ${arazzoNames}\n${oasSource}\n${bodyReference}`,
  'arazzo-1.0.1': `expression = ${oas} / ${arazzoNames}\n${oasSource}\n${bodyReference}`,
  'arazzo-1.1.0': `expression = ${oas} / "$self" / "$message." source
 / "$inputs." identifier [ "#" json-pointer ]
 / "$outputs." identifier [ "#" json-pointer ]
 / "$steps." strict ".outputs." identifier [ "#" json-pointer ]
 / "$workflows." strict "." ( "inputs" / "outputs" ) "." identifier [ "#" json-pointer ]
 / "$sourceDescriptions." strict "." 1*char
 / "$components." ( "parameters" / "successActions" / "failureActions" ) "." identifier
${oasSource} / payload-reference
${bodyReference}
payload-reference = "payload" [ "#" json-pointer ]
strict = 1*( ALPHA / DIGIT / "-" / "_" )
identifier = 1*( ALPHA / DIGIT / "." / "-" / "_" )`,
  asyncapi: 'expression = "$message" "." ( "header" / "payload" ) [ "#" json-pointer ]',
  // Its grammar prints a dot before "#" that its own examples do not have: both are read.
  'asyncapi-2.0.0': 'expression = "$message" "." ( "header" / "payload" ) [ "." ] [ "#" json-pointer ]',
}

const shared = `header-reference = "header." token
query-reference = "query." name
path-reference = "path." name
token = 1*tchar
tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "\`" / "|" / "~" / DIGIT / ALPHA
ALPHA = %x41-5A / %x61-7A
DIGIT = %x30-39`

// RFC 6901, section 3.
const pointer = `json-pointer = *( "/" reference-token )
reference-token = *( unescaped / escaped )
escaped = "~" ( "0" / "1" )`

const unescaped: Readonly<Record<Taken, string>> = {
  '': 'unescaped = %x00-2E / %x30-7D / %x7F-10FFFF',
  '{}': 'unescaped = %x00-2E / %x30-7A / %x7C / %x7F-10FFFF',
  '<>': 'unescaped = %x00-2E / %x30-3B / %x3D / %x3F-7D / %x7F-10FFFF',
  '{}<>': 'unescaped = %x00-2E / %x30-3B / %x3D / %x3F-7A / %x7C / %x7F-10FFFF',
}

// RFC 8259, section 7.
const name = 'name = *char'
const escapes = `escape = %x5C ( %x22 / %x5C / %x2F / %x62 / %x66 / %x6E / %x72 / %x74 / %x75 4HEX )
HEX = DIGIT / "A" / "B" / "C" / "D" / "E" / "F"`

const char: Readonly<Record<Taken, string>> = {
  '': 'char = %x20-21 / %x23-5B / %x5D-10FFFF / escape',
  '{}': 'char = %x20-21 / %x23-5B / %x5D-7A / %x7C / %x7E-10FFFF / escape',
  '<>': 'char = %x20-21 / %x23-3B / %x3D / %x3F-5B / %x5D-10FFFF / escape',
  '{}<>': 'char = %x20-21 / %x23-3B / %x3D / %x3F-5B / %x5D-7A / %x7C / %x7E-10FFFF / escape',
}

const segmentChar: Readonly<Record<Taken, string>> = {
  '': 'segment-char = %x20-21 / %x23-2D / %x2F-5A / %x5D-10FFFF',
  '{}': 'segment-char = %x20-21 / %x23-2D / %x2F-5A / %x5D-7A / %x7C / %x7E-10FFFF',
  '<>': 'segment-char = %x20-21 / %x23-2D / %x2F-3B / %x3D / %x3F-5A / %x5D-10FFFF',
  '{}<>': 'segment-char = %x20-21 / %x23-2D / %x2F-3B / %x3D / %x3F-5A / %x5D-7A / %x7C / %x7E-10FFFF',
}
