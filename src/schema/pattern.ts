import { createContext, Script } from 'node:vm'

/** A pattern that did not answer in time. */
export class PatternTimeout extends Error {
  override get name(): string {
    return 'PatternTimeout'
  }
}

const longestPattern = 4000
/** Per match. A pattern that backtracks without end would hold the process for hours; one that is only slow ends far below. */
const matchTimeoutMs = 50
/** Up to this length no pattern can be busy for long, and up to that one no simple pattern. */
const harmlessLength = 16
const harmlessForSimple = 1000

const context = createContext({ pattern: undefined, text: undefined })
const match = new Script('pattern.test(text)')

/**
 * A regular expression of a schema. Backtracking makes a pattern with a repeated group, or with several repetitions, exponential
 * or worse, and any repetition quadratic: such matches run under a time limit, which V8 keeps even inside a match.
 */
export function boundedPattern(source: string): { test(text: string): boolean } {
  if (source.length > longestPattern) throw new SyntaxError(`Expected a pattern of at most ${longestPattern} characters`)
  const pattern = compile(source)
  const harmless = isSimple(source) ? harmlessForSimple : harmlessLength
  return { test: (text) => (text.length <= harmless ? pattern.test(text) : testInTime(pattern, text)) }
}

function testInTime(pattern: RegExp, text: string): boolean {
  context.pattern = pattern
  context.text = text
  try {
    return match.runInContext(context, { timeout: matchTimeoutMs }) === true
  } catch (error) {
    throw new PatternTimeout(`No answer within ${matchTimeoutMs} ms`, { cause: error })
  } finally {
    context.pattern = context.text = undefined
  }
}

// JSON Schema asks for the u flag; many patterns in the wild (`\-`) are legal only without it.
function compile(source: string): RegExp {
  try {
    return new RegExp(source, 'u')
  } catch {
    return new RegExp(source)
  }
}

/** At most one repetition, of no group, and no back reference. What only looks like one, in a class or escaped, may count. */
function isSimple(source: string): boolean {
  return (source.match(/[*+{]/g) ?? []).length <= 1 && !/\)[*+{]|\\[1-9k]/.test(source)
}
