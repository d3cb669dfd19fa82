import type { Rule, SyntaxDefect, SyntaxFinding } from '../rule.ts'
import { guesses, namedLikewise } from '../subject/index.ts'
import { didYouMean, quoted } from './support.ts'

/** `$callback_url`, `$request.requestBody.x`, `$status`: words that the language does not have. */
export const unknownSource: Rule = {
  name: 'unknown-source',
  summary: 'An expression reads from something that the language does not know.',
  group: 'syntax',
  severity: 'error',
  fixable: true,
  syntax(defect) {
    switch (defect.code) {
      case 'unknown-root':
        return withGuess(
          defect,
          `Expected "$url", "$method", "$statusCode", "$request." or "$response." but found ${quoted(wordOf(defect))}.`,
        )
      case 'unknown-source':
        return withGuess(defect, `Expected "header.", "query.", "path." or "body" but found ${quoted(wordOf(defect))}.`)
      case 'expected-dot':
        return { message: 'Expected "." and then "header.", "query.", "path." or "body", but the expression ends here.' }
      case 'trailing-characters':
        return { message: `Expected the end of the expression but found ${quoted(wordOf(defect))}.` }
      default:
        return undefined
    }
  },
}

function wordOf({ rest }: SyntaxDefect): string {
  return /^\$?[\w-]*/.exec(rest)?.[0] || rest.slice(0, 1)
}

function withGuess(defect: SyntaxDefect, message: string): SyntaxFinding {
  const { subject, source, around, code } = defect
  const { operation, mended } = subject
  // The idiom `{$callback_url}` of a much copied tutorial: something that the operation declares is meant.
  const idiom = operation === undefined || code !== 'unknown-root' ? [] : namedLikewise(operation, wordOf(defect).slice(1))
  const response = subject.kind === 'link-value' ? subject.link.response : undefined
  const meant = idiom.length > 0 ? idiom : mended === undefined ? guesses(around.text, operation, response) : []
  const [first] = meant
  return {
    message: `${message}${didYouMean(meant)}`,
    ...(first === undefined
      ? {}
      : { suggestion: source.slice(0, around.start) + first + source.slice(around.start + around.text.length) }),
  }
}
