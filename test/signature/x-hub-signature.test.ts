import { createHmac } from 'node:crypto'
import { xHubSignature } from 'ringback/dispatcher'
import { expect, test } from 'vitest'

const body = new TextEncoder().encode('Hello, World!')
const signable = { method: 'POST', targetUri: '', headers: {}, body, id: 'a', at: 0 }

test('the published example of a sender that uses it', () => {
  const signer = xHubSignature({ secret: "It's a Secret to Everybody", field: 'x-hub-signature-256' })
  expect(signer.sign(signable)).toEqual({
    'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
  })
})

const signer = xHubSignature({ secret: 's' })
const signature = String(signer.sign(signable)['x-hub-signature'])
const sha1 = `sha1=${createHmac('sha1', 's').update(body).digest('hex')}`

test.each([
  ['ok', signature],
  ['ok', signature.toUpperCase().replace('SHA', 'sha')],
  ['missing-field', undefined],
  ['malformed-field', ''],
  ['malformed-field', signature.slice(7)],
  ['malformed-field', [signature, signature]],
  ['no-match', signature.slice(0, -2)],
  ['no-match', `${signature}00`],
  ['no-match', signature.replace(/.$/, (last) => (last === '0' ? '1' : '0'))],
  ['no-match', sha1],
])('%s: %s', (reason, value) => {
  const result = signer.verify({ headers: { 'X-Hub-Signature': value }, body }, 0)
  expect(result.ok ? 'ok' : result.error.reason).toBe(reason)
})

test('other content does not fit', () => {
  expect(signer.verify({ headers: { 'x-hub-signature': signature }, body: body.slice(1) }, 0).ok).toBe(false)
})

test.each(['', 'x'.repeat(200), 'ä'.repeat(100)])('the secret %j is a mistake', (secret) => {
  expect(() => xHubSignature({ secret })).toThrow(TypeError)
})
