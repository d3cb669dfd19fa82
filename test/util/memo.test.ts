import { expect, test } from 'vitest'
import { memo } from '../../src/util/index.ts'

test('computes once for a text, and forgets what has not been asked for long', () => {
  const asked: string[] = []
  const length = memo((text) => asked.push(text), 2)
  expect(['a', 'a', 'b', 'a', 'b'].map(length)).toEqual([1, 1, 2, 1, 2])
  for (const text of ['c', 'd', 'e', 'f']) length(text)
  length('a')
  expect(asked).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'a'])
})
