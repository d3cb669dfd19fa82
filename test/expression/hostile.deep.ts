import { print } from 'ringback/expression'
import { describe, expect, test } from 'vitest'
import { hostileShapes } from '../support/hostile-texts.ts'
import { read } from '../support/read.ts'

describe('a million characters', () => {
  test.each(hostileShapes)('%s: a verdict, and at most 20 problems', { timeout: 120_000 }, (_, make, entry) => {
    const text = make(1_000_000)
    const result = read(text, entry, { repair: true, maxLength: Number.POSITIVE_INFINITY })
    if (result.ok) expect(print(result.value).length).toBeGreaterThan(900_000)
    else expect(result.error.problems.length).toBeLessThanOrEqual(20)
  })
})
