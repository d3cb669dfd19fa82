import { expect, test } from 'vitest'
import { formFields } from '../../src/http/index.ts'
import fc from '../support/fast-check.ts'

/** Pieces that a reader of forms trips over, and any text. */
const piece = fc.oneof(
  fc.constantFrom('?', '&', '=', '+', '%', '%2', '%26', '%3D', '%2B', '%00', '%zz', '%C3', '%C3%A4', '%EF%BB%BF', '%ED%A0%80'),
  fc.constantFrom('a', 'b', '__proto__', 'ä', '\ufeff', '\ud800', '\udc00', '\u{1f600}'),
  fc.string({ unit: 'binary', maxLength: 4 }),
)

test('fields are read as URLSearchParams reads them', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('')
      const form = new URLSearchParams(text)
      const fields = formFields(text)
      expect(Object.keys(fields).sort()).toEqual([...new Set(form.keys())].sort())
      for (const [name, value] of Object.entries(fields)) expect([value].flat()).toEqual(form.getAll(name))
    }),
    { numRuns: 2000 },
  )
})
