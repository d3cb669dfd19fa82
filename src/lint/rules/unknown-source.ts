import type { Rule, SyntaxDefect } from '../rule.ts'
import { namedLikewise } from '../subject/index.ts'
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
        return {
          message: `Expected "$url", "$method", "$statusCode", "$request." or "$response." but found ${quoted(wordOf(defect))}.${meant(defect)}`,
        }
      case 'unknown-source':
        return { message: `Expected "header.", "query.", "path." or "body" but found ${quoted(wordOf(defect))}.` }
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

// The idiom `{$callback_url}` of a much copied tutorial: something that the operation declares is meant.
function meant(defect: SyntaxDefect): string {
  const { operation } = defect.subject
  if (operation === undefined) return ''
  return didYouMean(namedLikewise(operation, wordOf(defect).slice(1)))
}
