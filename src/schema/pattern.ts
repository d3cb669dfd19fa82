import { createContext, Script } from 'node:vm'
import { spendPatternTime } from './effort.ts'
import { stepsOf } from './pattern-steps.ts'

/** A pattern that did not answer in time. */
export class PatternTimeout extends Error {
  override get name(): string {
    return 'PatternTimeout'
  }
}

const longestPattern = 4000
/** Per match. A pattern that backtracks without end would hold the process for hours; one that is only slow ends far below. */
const matchTimeoutMs = 50
/** What every timed match takes by itself: it is not held against the value. */
const timerMs = 0.2
/** A match of so few steps takes less time than the timer of a longer one. */
const harmlessSteps = 10_000

const context = createContext({ pattern: undefined, text: undefined })
const match = new Script('pattern.test(text)')

/**
 * A regular expression of a schema. Backtracking makes a pattern with a repeated group, or with several repetitions, exponential
 * or worse, whatever the length of the text: every match runs under a time limit, which V8 keeps even inside a match, but for those
 * that are proven to be short.
 */
export function boundedPattern(source: string): { test(text: string): boolean } {
  if (source.length > longestPattern) throw new SyntaxError(`Expected a pattern of at most ${longestPattern} characters`)
  const pattern = compile(source)
  const steps = stepsOf(source)
  return {
    test: (text) => (steps !== undefined && steps(text.length) <= harmlessSteps ? pattern.test(text) : testInTime(pattern, text)),
  }
}

function testInTime(pattern: RegExp, text: string): boolean {
  if (!spendPatternTime(0)) throw new PatternTimeout('No time left for another match')
  const start = performance.now()
  context.pattern = pattern
  context.text = text
  try {
    return match.runInContext(context, { timeout: matchTimeoutMs }) === true
  } catch (error) {
    throw new PatternTimeout(`No answer within ${matchTimeoutMs} ms`, { cause: error })
  } finally {
    spendPatternTime(Math.max(performance.now() - start - timerMs, 0))
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
