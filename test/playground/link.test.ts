import { deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { fragmentOf, stateOfFragment } from '../../playground/src/link.ts'
import { type ExchangeFields, exchangeFieldNames, type PlaygroundState } from '../../playground/src/state.ts'
import fc from '../support/fast-check.ts'

const empty: ExchangeFields = {
  method: '',
  url: '',
  requestHeaders: '',
  requestBody: '',
  status: '',
  responseHeaders: '',
  responseBody: '',
}
const state: PlaygroundState = {
  document: 'openapi: 3.1.0\n',
  exchange: { ...empty, method: 'POST', url: 'https://api.example/ä' },
}

/** The fragment of a link that says something else. */
function fragmentWith(value: unknown): string {
  return fragmentOfText(JSON.stringify(value))
}

function fragmentOfText(text: string | Uint8Array): string {
  return `#v1.${deflateRawSync(text).toString('base64url')}`
}

describe('a link', () => {
  test('carries the whole state, in characters that nothing on the way changes', async () => {
    const fragment = await fragmentOf(state)
    expect(fragment).toMatch(/^#v1\.[\w-]+$/)
    expect(await stateOfFragment(fragment)).toEqual({ ok: true, value: state })
  })

  test('carries whatever is typed', async () => {
    // Half of a surrogate pair is no text that can be typed; UTF-8 has no bytes for it.
    const text = fc.string({ unit: 'grapheme' })
    const exchange = fc.record(Object.fromEntries(exchangeFieldNames.map((name) => [name, text])))
    await fc.assert(
      fc.asyncProperty(text, exchange, async (document, fields) => {
        const typed = { document, exchange: fields as unknown as ExchangeFields }
        expect(await stateOfFragment(await fragmentOf(typed))).toEqual({ ok: true, value: typed })
      }),
      { numRuns: 50 },
    )
  })

  test('is short for a long document', async () => {
    const document = 'paths:\n  /orders:\n    post: {}\n'.repeat(10_000)
    const fragment = await fragmentOf({ ...state, document })
    expect(fragment.length).toBeLessThan(document.length / 100)
    expect(await stateOfFragment(fragment)).toEqual({ ok: true, value: { ...state, document } })
  })
})

test.each(['', '#'])('the fragment %j carries nothing', async (fragment) => {
  expect(await stateOfFragment(fragment)).toBeUndefined()
})

const DAMAGED: [what: string, fragment: string][] = [
  ['no data', '#v1.'],
  ['what is no Base64url', '#v1.<script>'],
  ['a length that Base64 does not have', '#v1.A'],
  ['what is not compressed', '#v1.aGVsbG8'],
  ['half of a link', fragmentWith(state).slice(0, 40)],
  ['what is no UTF-8', fragmentOfText(new Uint8Array([0x22, 0xff, 0x22]))],
  ['what is no JSON', fragmentOfText('{')],
  ['null', fragmentWith(null)],
  ['an array', fragmentWith([state])],
  ['no exchange', fragmentWith({ document: '' })],
  ['a document that is no text', fragmentWith({ ...state, document: { toString: 'x' } })],
  ['a field that is no text', fragmentWith({ ...state, exchange: { ...empty, url: 1 } })],
  ['a field that is missing', fragmentWith({ ...state, exchange: { method: 'GET' } })],
]
test.each(DAMAGED)('a link with %s is damaged', async (_what, fragment) => {
  expect(await stateOfFragment(fragment)).toEqual({ ok: false, error: expect.stringContaining('damaged') })
})

test('a link of another kind is told apart', async () => {
  expect(await stateOfFragment('#document')).toEqual({ ok: false, error: expect.stringContaining('does not carry a state') })
})

test('members that nobody knows are dropped, and none reaches a prototype', async () => {
  const text = `{"document":"","__proto__":{"polluted":1},"more":1,"exchange":${JSON.stringify({ ...empty, more: 1 })}}`
  expect(await stateOfFragment(fragmentOfText(text))).toEqual({ ok: true, value: { document: '', exchange: empty } })
  expect('polluted' in {}).toBe(false)
})

test('a small link that unpacks to far more than a document is refused before it is unpacked', async () => {
  const fragment = fragmentOfText(new Uint8Array(64 * 1024 * 1024))
  expect(fragment.length).toBeLessThan(100_000)
  expect(await stateOfFragment(fragment)).toEqual({ ok: false, error: 'The link holds more than 16 MB.' })
})
