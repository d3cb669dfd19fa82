import { createPrivateKey, createPublicKey, createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import {
  type CallbackRequest,
  checkContentDigest,
  contentDigest,
  httpMessageSignatures,
  type MessageKey,
} from 'ringback/dispatcher'
import { describe, expect, test } from 'vitest'
import fc from '../support/fast-check.ts'

type HeaderFields = CallbackRequest['headers']

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

// RFC 9421, appendix B.1.
const ed25519 = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs',
  d: 'n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU',
}
const privateKey = createPrivateKey({ key: ed25519, format: 'jwk' })
const publicKey = createPublicKey(privateKey)
const secret = createSecretKey(
  Buffer.from('uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==', 'base64'),
)
const rsaPss = createPublicKey(`-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB
-----END PUBLIC KEY-----
`)

// B.2
const testRequest = {
  method: 'POST',
  targetUri: 'https://example.com/foo?param=Value&Pet=dog',
  headers: {
    host: 'example.com',
    date: 'Tue, 20 Apr 2021 02:07:55 GMT',
    'content-type': 'application/json',
    'content-digest': 'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:',
    'content-length': '18',
  },
  body: bytes('{"hello": "world"}'),
}
// B.4
const transformed = {
  method: 'GET',
  targetUri: 'https://example.org/demo?name1=Value1&Name2=value2',
  headers: { date: 'Fri, 15 Jul 2022 14:24:55 GMT', accept: ['application/json', '*/*'] },
  body: bytes(''),
}

const VECTORS: [
  section: string,
  key: Omit<MessageKey, 'keyid'>,
  request: typeof testRequest | typeof transformed,
  input: string,
  signature: string,
][] = [
  [
    'B.2.1',
    { alg: 'rsa-pss-sha512', key: rsaPss },
    testRequest,
    'sig-b21=();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"',
    'd2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==',
  ],
  [
    'B.2.2',
    { alg: 'rsa-pss-sha512', key: rsaPss },
    testRequest,
    'sig-b22=("@authority" "content-digest" "@query-param";name="Pet");created=1618884473;keyid="test-key-rsa-pss";tag="header-example"',
    'LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB4+ECxCmT8rtAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTlaqwZVtR8NV7+4UKkjqpcAoFqWFQh62s7Cl+H2fjBSpqfZUJcsIk4N6wiKYd4je2U/lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY8Bh0aaUEb0rQl3/XaVe4bXTugEjHSw==',
  ],
  [
    'B.2.3',
    { alg: 'rsa-pss-sha512', key: rsaPss },
    testRequest,
    'sig-b23=("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss"',
    'bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==',
  ],
  [
    'B.2.5',
    { alg: 'hmac-sha256', key: secret },
    testRequest,
    'sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    'pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=',
  ],
  [
    'B.2.6',
    { alg: 'ed25519', key: publicKey },
    testRequest,
    'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
    'wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==',
  ],
  [
    'B.4',
    { alg: 'ed25519', key: publicKey },
    transformed,
    'transform=("@method" "@path" "@authority" "accept");created=1618884473;keyid="test-key-ed25519"',
    'ZT1kooQsEHpZ0I1IjCqtQppOmIqlJPeo7DHR3SoMn0s5JZ1eRGS0A+vyYP9t/LXlh5QMFFQ6cpLt2m0pmj3NDA==',
  ],
]

describe.each(VECTORS)('RFC 9421, %s', (_section, key, request, input, signature) => {
  const keyid = /keyid="([^"]+)"/.exec(input)?.[1] ?? ''
  const label = input.slice(0, input.indexOf('='))
  const verifier = httpMessageSignatures({ keys: [{ ...key, keyid }], components: [], tag: '' })
  const headers = { ...request.headers, 'signature-input': input, signature: `${label}=:${signature}:` }
  const at = 1_618_884_473_000

  test('verifies', () => {
    expect(verifier.verify({ ...request, headers }, at)).toMatchObject({ ok: true, value: { signedAt: at, keyid } })
  })

  test('not when anything that is covered has changed', () => {
    const covered = [...input.matchAll(/"([a-z@-]+)"/g)].map(([, name]) => name)
    const changes = [
      covered.includes('@method') && { ...request, headers, method: 'PUT' },
      covered.includes('@authority') && { ...request, headers, targetUri: request.targetUri.replace('example', 'evil') },
      covered.includes('content-digest') && { ...request, headers, body: bytes('{"hello": "w0rld"}') },
      covered.includes('date') && { ...request, headers: { ...headers, date: 'Tue, 20 Apr 2021 02:07:56 GMT' } },
      { ...request, headers: { ...headers, 'signature-input': input.replace('1618884473', '1618884474') } },
    ].filter((change) => change !== false)
    for (const change of changes) expect(verifier.verify(change, at).ok).toBe(false)
  })
})

const at = 1_700_000_000_500
const key: MessageKey = { keyid: 'k1', alg: 'ed25519', key: privateKey }
const receiverKey: MessageKey = { ...key, key: publicKey }
const signable = {
  method: 'POST',
  targetUri: 'https://a.example/cb?token=1#part',
  headers: { 'content-type': 'application/json', 'webhook-id': 'msg_1', 'Content-Digest': 'forged' },
  body: bytes('{"a":1}'),
  id: 'msg_1',
  at,
}
const random = (n: number): Uint8Array => new Uint8Array(n).fill(7)

describe('the profile', () => {
  const signer = httpMessageSignatures({ keys: [key], random })
  const { 'Content-Digest': _, ...own } = signable.headers
  const headers: Record<string, string | readonly string[] | undefined> = { ...own, ...signer.sign(signable) }
  const received = { method: 'POST', targetUri: 'https://a.example/cb?token=1', headers, body: signable.body }
  const verifier = httpMessageSignatures({ keys: [receiverKey] })
  const reasonOf = (changes: Partial<typeof received>, now = at): string => {
    const result = verifier.verify({ ...received, ...changes }, now)
    return result.ok ? 'ok' : result.error.reason
  }

  test('covers method, target, content type, content and id, and says for how long and for what', () => {
    expect(headers['signature-input']).toBe(
      'sig1=("@method" "@target-uri" "content-type" "content-digest" "webhook-id");created=1700000000;expires=1700000300' +
        ';keyid="k1";alg="ed25519";nonce="BwcHBwcHBwcHBwcHBwcHBw";tag="ringback"',
    )
    expect(verifier.verify(received, at)).toMatchObject({
      ok: true,
      value: { id: 'msg_1', keyid: 'k1', signedAt: 1_700_000_000_000 },
    })
  })

  test.each([
    ['no-match', { method: 'PUT' }],
    ['no-match', { targetUri: 'https://a.example/cb?token=2' }],
    ['no-match', { targetUri: 'https://b.example/cb?token=1' }],
    ['ok', { targetUri: 'HTTPS://A.EXAMPLE:443/cb?token=1#other' }],
    ['ok', { targetUri: 'https://a.example./cb?token=1' }],
    ['no-match', { headers: { ...headers, 'content-type': 'text/plain' } }],
    ['no-match', { headers: { ...headers, 'webhook-id': ['msg_1', 'msg_2'] } }],
    ['digest-mismatch', { body: bytes('{"a":2}') }],
    ['missing-field', { headers: { ...headers, signature: undefined } }],
    ['missing-field', { headers: { ...headers, 'webhook-id': undefined } }],
    ['malformed-field', { headers: { ...headers, signature: 'sig1=AAAA' } }],
    ['malformed-field', { headers: { ...headers, signature: `${headers.signature}, ${headers.signature}` } }],
    ['malformed-field', { headers: { ...headers, signature: `other${headers.signature}` } }],
    ['not-covered', { headers: { ...headers, 'signature-input': String(headers['signature-input']).replace('"@method" ', '') } }],
    ['no-match', { headers: { ...headers, 'signature-input': String(headers['signature-input']).replace('ringback', 'other') } }],
    [
      'no-match',
      { headers: { ...headers, 'signature-input': String(headers['signature-input']).replace('ed25519', 'hmac-sha256') } },
    ],
    ['unknown-key', { headers: { ...headers, 'signature-input': String(headers['signature-input']).replace('"k1"', '"k2"') } }],
    ['no-match', { headers: { ...headers, 'signature-input': String(headers['signature-input']).replace('000300', '999999') } }],
  ])('%s: %o', (reason, changes) => expect(reasonOf(changes)).toBe(reason))

  test.each([
    [1_700_000_300_000 - 1, 'ok'],
    [1_700_000_300_000, 'too-old'],
    [1_700_000_000_000 - 300_000, 'ok'],
    [1_700_000_000_000 - 300_001, 'too-new'],
  ])('at %i it is %s', (now, reason) => expect(reasonOf({}, now)).toBe(reason))

  test('a request without content has no content type to cover', () => {
    const get = { ...signable, method: 'GET', headers: { 'webhook-id': 'msg_1' }, body: bytes('') }
    const signed = signer.sign(get)
    expect(verifier.verify({ ...get, headers: { ...get.headers, ...signed } }, at).ok).toBe(true)
    const added = { ...get.headers, ...signed, 'content-type': 'text/html' }
    expect(verifier.verify({ ...get, headers: added }, at)).toMatchObject({ error: { reason: 'not-covered' } })
  })
})

describe('rotation', () => {
  const other: MessageKey = { keyid: 'k2', alg: 'hmac-sha256', key: secret }
  const headersBy = (keys: readonly MessageKey[]): HeaderFields => ({
    ...{ 'content-type': 'application/json', 'webhook-id': 'msg_1' },
    ...httpMessageSignatures({ keys }).sign(signable),
  })
  const verifies = (signing: readonly MessageKey[], verifying: readonly MessageKey[]): boolean =>
    httpMessageSignatures({ keys: verifying }).verify({ ...signable, headers: headersBy(signing) }, at).ok

  test('signs with all keys, and either side may be ahead', () => {
    expect(verifies([key, other], [receiverKey])).toBe(true)
    expect(verifies([key, other], [other])).toBe(true)
    expect(verifies([key], [other, receiverKey])).toBe(true)
    expect(verifies([key], [other])).toBe(false)
  })

  test('a key that has expired neither signs nor counts', () => {
    const expired = { ...key, expiresAt: at }
    expect(String(headersBy([expired, other])['signature-input'])).not.toContain('k1')
    expect(verifies([key], [{ ...receiverKey, expiresAt: at }])).toBe(false)
    expect(verifies([key], [{ ...receiverKey, expiresAt: at + 1 }])).toBe(true)
    expect(() => headersBy([expired])).toThrow(TypeError)
  })
})

test.each([
  ['ecdsa-p256-sha256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
  ['rsa-pss-sha512', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
  ['hmac-sha256', secret],
] as [MessageKey['alg'], KeyObject][])('%s signs and verifies', (alg, own) => {
  const both = httpMessageSignatures({ keys: [{ keyid: 'k', alg, key: own }] })
  const headers = { 'content-type': 'application/json', 'webhook-id': 'msg_1', ...both.sign(signable) }
  expect(both.verify({ ...signable, headers }, at).ok).toBe(true)
  expect(both.verify({ ...signable, method: 'GET', headers }, at).ok).toBe(false)
})

test.each([
  ['no key', []],
  ['a secret as a public key', [{ keyid: 'k', alg: 'ed25519', key: secret }]],
  // Whoever knows the public key could otherwise sign with it.
  ['a public key as a secret', [{ keyid: 'k', alg: 'hmac-sha256', key: publicKey }]],
  [
    'another curve',
    [{ keyid: 'k', alg: 'ecdsa-p256-sha256', key: generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey }],
  ],
  ['an unknown algorithm', [{ keyid: 'k', alg: 'none', key: secret }]],
  ['a secret that can be guessed', [{ keyid: 'k', alg: 'hmac-sha256', key: createSecretKey(Buffer.from('hunter2')) }]],
  ['an end that is none', [{ keyid: 'k', alg: 'ed25519', key: privateKey, expiresAt: Number.NaN }]],
  ['a key id with a line break', [{ keyid: 'k\n', alg: 'ed25519', key: privateKey }]],
] as [string, readonly MessageKey[]][])('%s is a mistake', (_name, keys) => {
  expect(() => httpMessageSignatures({ keys })).toThrow(TypeError)
})

describe('attacks', () => {
  const verifier = httpMessageSignatures({ keys: [receiverKey], components: [], tag: '' })

  test.each([
    '("@query-param";name="a")',
    '("@query-param")',
    '("@status")',
    '("@method" "@method")',
    '("@method";req)',
    '("x-absent")',
    '("X-Here")',
    '("x-here";sf)',
    '(x-here)',
    '(1)',
    '("@signature-params")',
  ])('%s cannot be covered', (list) => {
    const headers = {
      'x-here': 'y',
      'signature-input': `s=${list};created=1700000000;keyid="k1"`,
      signature: `s=:${'A'.repeat(86)}==:`,
    }
    const result = verifier.verify({ method: 'GET', targetUri: 'https://a.example/?a=1&a=2', headers, body: bytes('') }, at)
    expect(result).toMatchObject({ ok: false, error: { reason: 'missing-field' } })
  })

  test('whatever the fields hold, the answer is a plain no', () => {
    const piece = fc.constantFrom(
      's',
      '=',
      '(',
      ')',
      '"@method"',
      ';',
      'created',
      '1',
      ':',
      'AAAA',
      ',',
      ' ',
      '?1',
      '-',
      '.',
      'keyid="k1"',
      '\\',
      '"',
    )
    const field = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('')),
    )
    fc.assert(
      fc.property(field, field, (input, signature) => {
        const headers = { 'signature-input': input, signature }
        return !verifier.verify({ method: 'GET', targetUri: 'x', headers, body: bytes('') }, at).ok
      }),
      { numRuns: 2000 },
    )
  })
})

describe('Content-Digest', () => {
  const body = testRequest.body

  test('is that of RFC 9530', () => {
    expect(contentDigest(bytes('{"hello": "world"}\n'))).toBe('sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:')
    expect(contentDigest(body, 'sha-512')).toBe(testRequest.headers['content-digest'])
  })

  test.each([
    [testRequest.headers['content-digest'], 'match'],
    [`${testRequest.headers['content-digest']}, ${contentDigest(body)}`, 'match'],
    [`${testRequest.headers['content-digest']}, ${contentDigest(bytes('x'))}`, 'mismatch'],
    [`md5=:AAAA:, ${contentDigest(body)}`, 'match'],
    ['md5=:AAAA:', 'unknown'],
    ['sha-256=AAAA', 'unknown'],
    ['sha-256=:AAAA', 'unknown'],
    ['sha-256=:AAAA:', 'mismatch'],
    ['', 'unknown'],
  ])('%s: %s', (value, verdict) => expect(checkContentDigest(value, body)).toBe(verdict))
})
