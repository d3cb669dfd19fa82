import { readFileSync } from 'node:fs'
import type { Entry } from './abnf.ts'
import { derivationsOf, mutationsOf } from './derivation.ts'
import fc from './fast-check.ts'
import { entries, oracleFor } from './oracle.ts'

/** The inputs of the published rows. */
export const publishedInputs: readonly string[] = (
  JSON.parse(readFileSync(new URL('../fixtures/conformance/expression-cases.json', import.meta.url), 'utf8')) as {
    readonly input: string
  }[]
).map(({ input }) => input)

export interface TextOf {
  readonly text: string
  readonly entry: Entry
}

/** Texts that the ABNF derives, of any entry. */
export const validTexts: fc.Arbitrary<TextOf> = fc.constantFrom(...entries).chain((entry) => {
  const oracle = oracleFor(entry)
  return derivationsOf(oracle.grammar, oracle.start)
    .filter((text) => oracle.accepts(text))
    .map((text) => ({ text, entry }))
})

/** Any text at all: noise, texts near to valid ones, and texts near to what people write. */
export const anyTexts: fc.Arbitrary<TextOf> = fc.oneof(
  fc.record({ text: fc.string({ unit: 'binary', maxLength: 60 }), entry: fc.constantFrom(...entries) }),
  fc.record({ text: mutationsOf(fc.constantFrom(...publishedInputs)), entry: fc.constantFrom(...entries) }),
  validTexts.chain(({ text, entry }) => mutationsOf(fc.constant(text)).map((mutated) => ({ text: mutated, entry }))),
)
