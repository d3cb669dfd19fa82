import { describe, expect, test } from 'vitest'
import type { Entry } from '../support/abnf.ts'
import { derivationsOf, mutationsOf } from '../support/derivation.ts'
import fc from '../support/fast-check.ts'
import { entries, oracleFor } from '../support/oracle.ts'
import { read } from '../support/read.ts'
import { publishedInputs } from '../support/texts.ts'

// Found by the properties below, kept so that they are tried every time.
const once: readonly [text: string, entry: Entry][] = [
  ['a{', { dialect: 'arazzo-1.1.0', template: { mode: 'expression-string', delimiters: 'braces' } }],
  ['a<', { dialect: 'arazzo-1.1.0', template: { mode: 'expression-string', delimiters: 'angle' } }],
]
test.each(once)('%j gets the verdict of the ABNF', (text, entry) => {
  expect(read(text, entry).ok).toBe(oracleFor(entry).accepts(text))
})

describe.each(entries.map((entry) => [oracleFor(entry).label, oracleFor(entry)] as const))('%s', (_, oracle) => {
  const { entry, grammar, start } = oracle
  const derived = derivationsOf(grammar, start)

  test('what the ABNF derives, parses', () => {
    fc.assert(
      fc.property(derived, (text) => {
        fc.pre(oracle.accepts(text))
        const result = read(text, entry)
        expect(result.ok ? [] : result.error.problems).toEqual([])
      }),
      { numRuns: 100 },
    )
  })

  test('what has been changed a little gets the verdict of the ABNF', () => {
    fc.assert(
      fc.property(mutationsOf(derived), (text) => {
        expect(read(text, entry).ok).toBe(oracle.accepts(text))
      }),
      { numRuns: 250 },
    )
  })

  test('every published input gets the verdict of the ABNF', () => {
    for (const text of publishedInputs) expect([text, read(text, entry).ok]).toEqual([text, oracle.accepts(text)])
  })
})
