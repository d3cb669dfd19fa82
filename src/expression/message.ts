import type { SyntaxCode } from './problem.ts'

/** One plain sentence on a problem: what was expected, what was found, where, in what. */
export function messageOf(code: SyntaxCode, text: string, start: number, end: number, expected: readonly string[]): string {
  return `${statement(code, text.slice(start, end), expected)} at offset ${start} of ${quoted(text)}.`
}

function statement(code: SyntaxCode, found: string, expected: readonly string[]): string {
  const foundText = found === '' ? 'the end' : quoted(found)
  switch (code) {
    case 'empty':
      return 'Expected an expression but found nothing'
    case 'expected-dollar':
      return `An expression starts with "$" but ${foundText} was found`
    case 'missing-dollar':
      return 'The "$" of the expression is missing'
    case 'unknown-root':
      return `Expected ${list(expected)} but found ${foundText}`
    case 'trailing-characters':
      return `Expected the end of the expression but found ${foundText}`
    case 'expected-dot':
      return 'Expected "." and what to read of it but found the end'
    case 'unknown-source':
      return `Expected ${list(expected)} but found ${foundText}`
    case 'empty-header-name':
      return 'Expected the name of a header field'
    case 'bad-header-character':
      return `${foundText} cannot stand in the name of a header field (RFC 9110, section 5.6.2)`
    case 'empty-name':
      return 'Expected a name'
    case 'quote-in-name':
      return 'A quotation mark in a name is written \\"'
    case 'control-character-in-name':
      return 'A control character in a name is written as an escape such as \\u0009'
    case 'bad-escape-in-name':
      return 'A backslash in a name begins a JSON escape (\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u and four hexadecimal digits), which this is not'
    case 'brace-not-allowed':
      return `${foundText} cannot stand in a name or pointer of this dialect`
    case 'unexpected-character':
      return expected.length === 0 ? `${foundText} cannot stand here` : `Expected ${list(expected)} but found ${foundText}`
    case 'expected-hash':
      return `Expected the end or "#" and a JSON Pointer but found ${foundText}`
    case 'pointer-must-start-with-slash':
      return `A JSON Pointer starts with "/" but ${foundText} was found`
    case 'bad-pointer-escape':
      return 'A tilde in a JSON Pointer is written "~0" (and a slash in a member name "~1"); found a lone "~"'
    case 'expected-outputs':
      return `Expected ".outputs." but found ${foundText}`
    case 'expected-inputs-or-outputs':
      return `Expected ".inputs." or ".outputs." but found ${foundText}`
    case 'unknown-component-type':
      return `Expected "parameters." or "successActions." or "failureActions." but found ${foundText}`
    case 'empty-segment':
      return 'Expected the name of a member'
    case 'bad-index':
      return 'Expected a zero-based index and "]"'
    case 'unclosed-expression':
      return `The expression is not closed: expected ${list(expected)} after it, opened`
    case 'unclosed-brace':
      return 'The brace is not closed: expected "}" after it, opened'
    case 'empty-braces':
      return 'Expected an expression or the name of a path parameter but found nothing between the delimiters'
    case 'nested-brace':
      return `${foundText} cannot stand inside an expression: the first closing delimiter ends it`
    case 'stray-brace':
      return `${foundText} closes nothing`
    case 'whitespace-in-braces':
      return 'White space cannot stand here'
    case 'reserved-key':
      return '"$ref" is the key of a Reference Object, never an expression,'
    case 'extension-key':
      return 'A key that starts with "x-" is a specification extension, never an expression,'
    case 'too-long':
      return 'The text is longer than is read'
  }
}

function list(expected: readonly string[]): string {
  return expected.length === 0 ? 'something else' : expected.join(' or ')
}

const longestQuote = 120

/** JSON's spelling, shortened; braces and dollar signs stay readable. */
function quoted(text: string): string {
  return JSON.stringify(text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text)
}
