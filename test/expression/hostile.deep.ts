import { print } from 'ringback/expression'
import { describe, expect, test } from 'vitest'
import { hostileShapes } from '../support/hostile-texts.ts'
import { read } from '../support/read.ts'

describe('a million characters', () => {
  test.each(hostileShapes)('%s: a verdict, and at most 20 problems', { timeout: 120_000 }, (_, make, entry) => {
    const text = make(1_000_000)
    const maxLength = Number.POSITIVE_INFINITY
    const result = read(text, entry, { maxLength })
    expect(typeof read(text, entry, { repair: true, maxLength }).ok).toBe('boolean')
    if (result.ok) expect(print(result.value)).toBe(text)
    else expect(result.error.problems.length).toBeLessThanOrEqual(20)
  })
})
