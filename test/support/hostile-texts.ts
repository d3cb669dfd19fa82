import type { Entry } from './abnf.ts'

export const bare: Entry = { dialect: 'oas3' }
export const key: Entry = { dialect: 'oas3', template: { mode: 'callback-key', delimiters: 'braces' } }

type Make = (n: number) => string

const hostileExpressions: Readonly<Record<string, Make>> = {
  'a deep pointer': (n) => `$request.body#${'/a'.repeat(n / 2)}`,
  'empty reference tokens': (n) => `$request.body#${'/'.repeat(n)}`,
  'one long reference token': (n) => `$request.body#/${'a'.repeat(n)}`,
  escapes: (n) => `$request.body#/${'~1'.repeat(n / 2)}`,
  'bad escapes': (n) => `$request.body#${'/~2'.repeat(n / 3)}`,
  tildes: (n) => `$request.body#/${'~'.repeat(n)}`,
  'a long name': (n) => `$request.query.${'a'.repeat(n)}`,
  'JSON escapes': (n) => `$request.query.${'\\u0041'.repeat(n / 6)}`,
  'half JSON escapes': (n) => `$request.query.${'\\u00'.repeat(n / 4)}`,
  'quotation marks': (n) => `$request.query.${'"'.repeat(n)}`,
  'a long header name': (n) => `$request.header.${'a'.repeat(n)}`,
  'slashes in a header name': (n) => `$request.header.${'a/'.repeat(n / 2)}`,
  'dollar signs': (n) => '$'.repeat(n),
  'a long unknown root': (n) => `$${'a'.repeat(n)}`,
  'a dotted path': (n) => `$request.body${'.a'.repeat(n / 2)}`,
  'a bracketed path': (n) => `$request.body${'[0]'.repeat(n / 3)}`,
  'opening brackets': (n) => `$request.body${'['.repeat(n)}`,
  'opening parentheses': (n) => `$request.body(/${'('.repeat(n)}`,
  'what no rule takes': (n) => 'é'.repeat(n),
  'roots after roots': (n) => '$request.'.repeat(n / 9),
  'blanks before': (n) => `${' '.repeat(n)}$url`,
  'blanks behind': (n) => `$url${' '.repeat(n)}x`,
}

const hostileTemplates: Readonly<Record<string, Make>> = {
  'literal text': (n) => 'a'.repeat(n),
  expressions: (n) => 'a{$url}'.repeat(n / 7),
  'path parameters': (n) => '/{a}'.repeat(n / 4),
  'opening braces': (n) => '{'.repeat(n),
  'closing braces': (n) => '}'.repeat(n),
  'closing braces between text': (n) => 'a}'.repeat(n / 2),
  'closing braces behind expressions': (n) => '{$url}}'.repeat(n / 7),
  'empty braces': (n) => '{}'.repeat(n / 2),
  'nested braces': (n) => '{'.repeat(n / 2) + '}'.repeat(n / 2),
  'unclosed expressions': (n) => 'a{$url '.repeat(n / 7),
  'an unclosed expression behind text': (n) => `${'a'.repeat(n)}{$url`,
  'missing dollar signs': (n) => '{request.body#/x}'.repeat(n / 17),
  'dollar signs outside': (n) => 'a${request.body#/id}'.repeat(n / 20),
  'unknown roots': (n) => '{$nope}'.repeat(n / 7),
  'one broken pointer': (n) => `{$request.body.${'a.'.repeat(n / 2)}}`,
  'many broken pointers': (n) => `{$request.body#${'/~'.repeat(50)}}`.repeat(n / 116),
  'blanks before an expression': (n) => `{${' '.repeat(n)}$url}`,
  'blanks behind an expression': (n) => `{$url${' '.repeat(n)}x}`,
  'blanks in text': (n) => `a${' '.repeat(n)}b`,
  'line ends in braces': (n) => `{${'\n'.repeat(n)}}`,
  'expressions without braces': (n) => 'a$request.body'.repeat(n / 14),
  'queries without braces': (n) => 'a$request.query.'.repeat(n / 16),
}

/** Texts of about `n` characters that cost a careless reader more than their length, and what they are read as. */
export const hostileShapes: readonly (readonly [name: string, make: Make, entry: Entry])[] = [
  ...Object.entries(hostileExpressions).map(([name, make]) => [name, make, bare] as const),
  ...Object.entries(hostileTemplates).map(([name, make]) => [name, make, key] as const),
]
