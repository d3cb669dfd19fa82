import * as node from 'node:crypto'
import { expect, test } from 'vitest'
import { createHash, hash } from '../../playground/src/node-crypto.ts'
import fc from '../support/fast-check.ts'

test('the stand-in makes the hashes that Node makes', () => {
  const data = fc.oneof(fc.string({ unit: 'grapheme' }), fc.uint8Array({ maxLength: 300 }))
  fc.assert(
    fc.property(fc.array(data), fc.constantFrom('hex' as const, 'base64url' as const), (parts, encoding) => {
      const [ours, theirs] = [createHash('sha256'), node.createHash('sha256')]
      for (const part of parts) {
        ours.update(part)
        theirs.update(part)
      }
      expect(ours.digest(encoding)).toBe(theirs.digest(encoding))
      const [first = ''] = parts
      if (typeof first === 'string') expect(hash('sha256', first, encoding)).toBe(node.hash('sha256', first, encoding))
    }),
  )
})

test('another algorithm is refused', () => {
  expect(() => createHash('md5')).toThrow('Expected the algorithm "sha256" but found "md5"')
})
