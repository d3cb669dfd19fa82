import { applyEdits, ExpressionSyntaxError, expect as expected, explain, interpolate, print } from 'ringback/expression'
import { expect, test } from 'vitest'
import { mutationsOf } from '../support/derivation.ts'
import fc, { propertySeed } from '../support/fast-check.ts'
import { entries, oracleFor } from '../support/oracle.ts'
import { read } from '../support/read.ts'
import { publishedInputs, type TextOf, validTexts } from '../support/texts.ts'

// By seconds, not by runs. FUZZ_SECONDS (default 20), FUZZ_SEED as in every property.
const seconds = Number(process.env.FUZZ_SECONDS ?? 20)

const texts: fc.Arbitrary<TextOf> = fc.oneof(
  fc.record({ text: mutationsOf(fc.constantFrom(...publishedInputs)), entry: fc.constantFrom(...entries) }),
  validTexts.chain(({ text, entry }) => mutationsOf(fc.constant(text)).map((mutated) => ({ text: mutated, entry }))),
)

test(`fuzz for ${seconds} s, FUZZ_SEED=${propertySeed}`, { timeout: (seconds + 60) * 1000 }, () => {
  let runs = 0
  let valid = 0
  const property = fc.property(texts, ({ text, entry }) => {
    const result = read(text, entry)
    runs++
    if (result.ok) valid++
    expect([text, oracleFor(entry).label, result.ok]).toEqual([text, oracleFor(entry).label, oracleFor(entry).accepts(text)])
    expected(text, runs % (text.length + 1), { ...entry, ...entry.template })
    explain(text, { ...entry, ...entry.template, exchange: {} })
    if (result.ok) {
      const again = read(print(result.value), entry)
      expect(again.ok && print(again.value)).toBe(print(result.value))
      if (result.value.kind === 'expression-template') interpolate(result.value, {}, { encode: 'url' })
    } else {
      expect(result.error).toBeInstanceOf(ExpressionSyntaxError)
      const mended = applyEdits(
        text,
        result.error.problems.flatMap(({ edits }) => edits),
      )
      expect(read(text, entry, { repair: true }).ok).toBe(mended !== text && read(mended, entry).ok)
    }
  })
  fc.assert(property, { numRuns: 1_000_000_000, interruptAfterTimeLimit: seconds * 1000, markInterruptAsFailure: false })
  console.log(`${runs} texts, ${valid} of them valid`)
  expect(valid).toBeGreaterThan(0)
})
