import { expect, test } from 'vitest'
import { checkGrammar } from '../../src/expression/grammar/index.ts'

test('Chevrotain finds no ambiguity and nothing unreachable in the grammar', () => {
  expect(checkGrammar).not.toThrow()
})
