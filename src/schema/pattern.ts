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
/** Shorter text cannot keep even a bad pattern busy. */
const harmlessLength = 16

const context = createContext({ pattern: undefined, text: undefined })
const match = new Script('pattern.test(text)')

/**
 * A regular expression of a schema. Most run as they are; one with a repetition inside a repetition, an alternation or a back
 * reference under one, can take exponential time, and runs under a time limit (which V8 keeps even inside a match).
 */
export function boundedPattern(source: string): { test(text: string): boolean } {
  if (source.length > longestPattern) throw new SyntaxError(`Expected a pattern of at most ${longestPattern} characters`)
  const pattern = compile(source)
  if (!mayExplode(source)) return pattern
  return {
    test(text) {
      if (text.length < harmlessLength) return pattern.test(text)
      context.pattern = pattern
      context.text = text
      try {
        return match.runInContext(context, { timeout: matchTimeoutMs }) === true
      } catch (error) {
        throw new PatternTimeout(`No answer within ${matchTimeoutMs} ms`, { cause: error })
      } finally {
        context.pattern = context.text = undefined
      }
    },
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

/** Two unbounded or large repetitions in one pattern are enough for trouble: nested exponential, in a row polynomial. */
function mayExplode(source: string): boolean {
  const repetitions = source.match(/(?<!\\)(?:\\\\)*(?:[*+]|\{\d*,\d*\}|\{\d{2,}\})/g) ?? []
  return repetitions.length >= 2 || /\\[1-9]|\\k</.test(source)
}
