import { RingbackError } from '../errors/index.ts'
import type { ExpressionTemplate, RuntimeExpression, Span } from './ast.ts'

/** What is wrong with an expression or template. test/fixtures/conformance/README.md says where each points. */
export type SyntaxCode =
  | 'empty'
  | 'expected-dollar'
  | 'missing-dollar'
  | 'unknown-root'
  | 'trailing-characters'
  | 'expected-dot'
  | 'unknown-source'
  | 'empty-header-name'
  | 'bad-header-character'
  | 'empty-name'
  | 'quote-in-name'
  | 'control-character-in-name'
  | 'bad-escape-in-name'
  | 'brace-not-allowed'
  | 'unexpected-character'
  | 'expected-hash'
  | 'pointer-must-start-with-slash'
  | 'bad-pointer-escape'
  | 'expected-outputs'
  | 'expected-inputs-or-outputs'
  | 'unknown-component-type'
  | 'empty-segment'
  | 'bad-index'
  | 'unclosed-expression'
  | 'unclosed-brace'
  | 'empty-braces'
  | 'nested-brace'
  | 'stray-brace'
  | 'whitespace-in-braces'
  | 'reserved-key'
  | 'extension-key'
  | 'too-long'

/** Replaces a span of the text that was parsed. */
export interface TextEdit {
  readonly span: Span
  readonly text: string
}

/** One thing that is wrong, where, and what was expected instead. */
export interface SyntaxProblem {
  readonly code: SyntaxCode
  /** Starts at the offending character; the end of the text where something is missing there. */
  readonly span: Span
  /** One plain sentence. */
  readonly message: string
  /** What could have stood there, as shown to people: `"header."`, `a name`. Empty where that says nothing. */
  readonly expected: readonly string[]
  /** Turns the text, together with the edits of the other problems, into what was probably meant. */
  readonly edits: readonly TextEdit[]
}

/** An expression or template that does not parse. Thrown by `parse…`, a value of `safeParse…`. Code `ERR_EXPRESSION_SYNTAX`. */
export class ExpressionSyntaxError extends RingbackError {
  readonly text: string
  /** At least one, ordered by offset; at most 20. */
  readonly problems: readonly [SyntaxProblem, ...SyntaxProblem[]]
  /** What was understood in spite of the problems. */
  readonly partial?: RuntimeExpression | ExpressionTemplate

  constructor(
    text: string,
    problems: readonly [SyntaxProblem, ...SyntaxProblem[]],
    partial?: RuntimeExpression | ExpressionTemplate,
  ) {
    super('ERR_EXPRESSION_SYNTAX', problems[0].message)
    this.text = text
    this.problems = problems
    if (partial !== undefined) this.partial = partial
  }

  override get name(): string {
    return 'ExpressionSyntaxError'
  }

  /** Of the first problem. */
  get offset(): number {
    return this.problems[0].span.start
  }

  /** What kind of problem the first one is. */
  get reason(): SyntaxCode {
    return this.problems[0].code
  }
}
