import { createHmac, createSecretKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { httpMessageSignatures, standardWebhooks, type Verifier, xHubSignature } from '../../src/signature/index.ts'
import fc from '../support/fast-check.ts'

const key = (fill: number, bytes = 32): string => `whsec_${Buffer.alloc(bytes, fill).toString('base64')}`
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const at = 1_700_000_000_000

const sign = (signer: ReturnType<typeof standardWebhooks>, body: Uint8Array, when = at) =>
  signer.sign({ method: 'POST', targetUri: 'https://a.example/', headers: {}, body, id: 'msg_1', at: when })

test('the example of the specification, computed step by step', () => {
  // Its secret, id, timestamp and payload; the signature is made here with nothing but HMAC.
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
  const payload = '{"test": 2432232314}'
  const mac = createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
    .update(`${id}.1614265330.${payload}`)
    .digest('base64')
  expect(mac).toBe('g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  const headers = standardWebhooks({ keys: [secret] }).sign({
    method: 'POST',
    targetUri: 'https://a.example/',
    headers: {},
    body: bytes(payload),
    id,
    at: 1_614_265_330_999,
  })
  expect(headers).toEqual({ 'webhook-id': id, 'webhook-timestamp': '1614265330', 'webhook-signature': `v1,${mac}` })
})

test('the signature is the HMAC of node:crypto, whatever the key, the id and the content', () => {
  const message = fc.record({
    secret: fc.uint8Array({ minLength: 24, maxLength: 64 }),
    id: fc.stringMatching(/^[!-\-/-~]{1,40}$/),
    // Beyond what is signed in one piece of memory, too.
    body: fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 8000, max: 8300 }).map((length) => Buffer.alloc(length, 'é')),
    ),
  })
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), (messages) => {
      const signers = messages.map(({ secret }) =>
        standardWebhooks({ keys: [`whsec_${Buffer.from(secret).toString('base64')}`] }),
      )
      messages.forEach(({ secret, id, body }, i) => {
        const request = { method: 'POST', targetUri: 'https://a.example/', headers: {}, body, id, at }
        const mac = createHmac('sha256', secret)
          .update(`${id}.${at / 1000}.`)
          .update(body)
          .digest('base64')
        expect(signers[i]?.sign(request)['webhook-signature']).toBe(`v1,${mac}`)
      })
    }),
  )
})

describe('verify', () => {
  const signer = standardWebhooks({ keys: [key(1)] })
  const body = bytes('{"a":1}')
  const headers = sign(signer, body)
  const reasonOf = (changed: Readonly<Record<string, string | string[] | undefined>>, now = at, content = body): string => {
    const result = signer.verify({ headers: { ...headers, ...changed }, body: content }, now)
    return result.ok ? 'ok' : result.error.reason
  }

  test('accepts what was signed, in any spelling of the field names', () => {
    expect(signer.verify({ headers, body }, at)).toMatchObject({ ok: true, value: { id: 'msg_1', signedAt: at } })
    const shouted = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]))
    expect(signer.verify({ headers: shouted, body }, at).ok).toBe(true)
  })

  test.each([
    ['missing-field', { 'webhook-id': undefined }],
    ['missing-field', { 'webhook-timestamp': undefined }],
    ['missing-field', { 'webhook-signature': undefined }],
    ['malformed-field', { 'webhook-id': ['msg_1', 'msg_2'] }],
    ['malformed-field', { 'webhook-id': 'msg_1.1700000000' }],
    ['malformed-field', { 'webhook-timestamp': '17e8' }],
    ['malformed-field', { 'webhook-timestamp': '-1' }],
    ['malformed-field', { 'webhook-timestamp': '1700000000, 1700000000' }],
    ['malformed-field', { 'webhook-signature': Array.from({ length: 40 }, () => 'v1,AAAA').join(' ') }],
    ['no-match', { 'webhook-id': 'msg_2' }],
    ['no-match', { 'webhook-timestamp': '1700000001' }],
    ['no-match', { 'webhook-signature': '' }],
    ['no-match', { 'webhook-signature': 'v1,' }],
    ['no-match', { 'webhook-signature': 'v1,AAAA' }],
    ['no-match', { 'webhook-signature': String(headers['webhook-signature']).replace('v1,', 'v1a,') }],
    ['no-match', { 'webhook-signature': String(headers['webhook-signature']).replace('v1,', '') }],
    ['ok', { 'webhook-signature': `v1,AAAA v2,x ${headers['webhook-signature']}` }],
    ['ok', { 'webhook-signature': ['v1a,xyz', String(headers['webhook-signature'])] }],
  ])('%s: %o', (reason, changed) => expect(reasonOf(changed)).toBe(reason))

  test.each([
    [at + 300_000, 'ok'],
    [at + 300_001, 'too-old'],
    [at - 300_000, 'ok'],
    [at - 300_001, 'too-new'],
  ])('at %i it is %s', (now, reason) => expect(reasonOf({}, now)).toBe(reason))

  test('one changed byte of the content is noticed', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (content, where, flip) => {
          const signed = sign(signer, content)
          const changed = content.map((byte, i) => (i === where % content.length ? byte ^ flip : byte))
          return (
            signer.verify({ headers: signed, body: content }, at).ok && !signer.verify({ headers: signed, body: changed }, at).ok
          )
        },
      ),
    )
  })
})

describe('rotation', () => {
  test('signs with every key; either side may be ahead', () => {
    const both = standardWebhooks({ keys: [key(2), key(1)] })
    const body = bytes('x')
    const headers = sign(both, body)
    expect(String(headers['webhook-signature']).split(' ')).toHaveLength(2)
    for (const one of [key(1), key(2)]) expect(standardWebhooks({ keys: [one] }).verify({ headers, body }, at).ok).toBe(true)
    expect(standardWebhooks({ keys: [key(3)] }).verify({ headers, body }, at).ok).toBe(false)
    expect(both.verify({ headers: sign(standardWebhooks({ keys: [key(1)] }), body), body }, at).ok).toBe(true)
  })
})

describe('misuse', () => {
  test.each([
    ['no key', []],
    ['twelve keys', Array.from({ length: 12 }, (_, i) => key(i))],
    ['no prefix', [Buffer.alloc(32).toString('base64')]],
    ['a short key', [key(1, 23)]],
    ['a long key', [key(1, 65)]],
    ['not base64', ['whsec_secret value with spaces, quite long']],
  ])('%s', (_name, keys) => expect(() => standardWebhooks({ keys })).toThrow(TypeError))

  test('a message about a key does not tell the key', () => {
    expect(() => standardWebhooks({ keys: ['whsec_c2VjcmV0'] })).toThrow(/^(?!.*c2VjcmV0)/)
  })

  test('an id with a dot cannot be signed', () => {
    const signer = standardWebhooks({ keys: [key(1)] })
    expect(() => signer.sign({ method: 'POST', targetUri: '', headers: {}, body: bytes(''), id: 'a.1', at })).toThrow(TypeError)
  })
})

test.each<[name: string, verifier: Verifier<unknown>]>([
  ['standardWebhooks', standardWebhooks({ keys: [key(1)] })],
  ['xHubSignature', xHubSignature({ secret: 's' })],
  [
    'httpMessageSignatures',
    httpMessageSignatures({ keys: [{ keyid: 'k', alg: 'hmac-sha256', key: createSecretKey(Buffer.alloc(32)) }] }),
  ],
])('%s: Headers, and content that has been parsed, are mistakes', (_name, verifier) => {
  const headers = new Headers({ 'webhook-id': 'a' })
  expect(() => verifier.verify({ headers: headers as never, body: bytes('') }, at)).toThrow(/Object\.fromEntries\(\)/)
  expect(verifier.verify({ headers: Object.fromEntries(headers), body: bytes('') }, at).ok).toBe(false)
  expect(() => verifier.verify({ headers: {}, body: '{}' as never }, at)).toThrow(/byte for byte/)
})
