import { generateKeyPairSync } from 'node:crypto'
import { memoryReplayCache, standardWebhooks, verifyOnce } from 'ringback/dispatcher'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { describe, expect, test } from 'vitest'

const key = (fill: number): string => `whsec_${Buffer.alloc(32, fill).toString('base64')}`
const payload = JSON.stringify({ text: 'Größe ☃', n: 1 })
const body = new TextEncoder().encode(payload)
// The peers read the clock of the machine.
const at = Date.now()
const signable = { method: 'POST', targetUri: 'https://a.example/', headers: {}, body, id: 'msg_1', at }

// svix reads its own names of the fields too.
const PEERS: [name: string, open: (secret: string) => Pick<StandardWebhook, 'sign' | 'verify'>][] = [
  ['standardwebhooks', (secret) => new StandardWebhook(secret)],
  ['svix', (secret) => new SvixWebhook(secret)],
]

describe.each(PEERS)('%s', (_name, open) => {
  test('accepts what we sign, with one key, with two, and beside an asymmetric one', () => {
    for (const keys of [[key(1)], [key(2), key(1)], [asymmetric().secretKey, key(1)]]) {
      const headers = standardWebhooks({ keys }).sign(signable) as Record<string, string>
      expect(open(key(1)).verify(payload, headers)).toEqual(JSON.parse(payload))
      expect(() => open(key(3)).verify(payload, headers)).toThrow()
    }
  })

  test('signs what we accept', () => {
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(at / 1000)),
      'webhook-signature': open(key(1)).sign('msg_1', new Date(at), payload),
    }
    expect(standardWebhooks({ keys: [key(1)] }).verify({ headers, body }, at).ok).toBe(true)
    expect(standardWebhooks({ keys: [key(2)] }).verify({ headers, body }, at).ok).toBe(false)
  })
})

/** The two forms of a key pair that the specification names. */
function asymmetric(): { readonly secretKey: string; readonly seedOnly: string; readonly publicKey: string } {
  const pair = generateKeyPairSync('ed25519')
  const seed = Buffer.from(pair.privateKey.export({ format: 'jwk' }).d ?? '', 'base64url')
  const point = Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  return {
    secretKey: `whsk_${Buffer.concat([seed, point]).toString('base64')}`,
    seedOnly: `whsk_${seed.toString('base64')}`,
    publicKey: `whpk_${point.toString('base64')}`,
  }
}

describe('v1a', () => {
  const { secretKey, seedOnly, publicKey } = asymmetric()
  const verifier = standardWebhooks({ keys: [publicKey] })

  test.each([
    ['both halves', secretKey],
    ['the seed alone', seedOnly],
  ])('signs with %s; the public key verifies', (_name, own) => {
    const headers = standardWebhooks({ keys: [own] }).sign(signable)
    expect(String(headers['webhook-signature'])).toMatch(/^v1a,[A-Za-z0-9+/]{86}==$/)
    expect(verifier.verify({ headers, body }, at)).toMatchObject({ ok: true, value: { id: 'msg_1' } })
    expect(verifier.verify({ headers, body: body.slice(1) }, at).ok).toBe(false)
    expect(standardWebhooks({ keys: [own] }).verify({ headers, body }, at).ok).toBe(true)
    expect(standardWebhooks({ keys: [asymmetric().publicKey] }).verify({ headers, body }, at).ok).toBe(false)
  })

  test('the version of a signature is part of it', () => {
    const headers = standardWebhooks({ keys: [secretKey, key(1)] }).sign(signable)
    const swapped = String(headers['webhook-signature']).replace('v1a,', 'v1x,').replace('v1,', 'v1a,').replace('v1x,', 'v1,')
    const both = standardWebhooks({ keys: [publicKey, key(1)] })
    expect(both.verify({ headers: { ...headers, 'webhook-signature': swapped }, body }, at).ok).toBe(false)
  })

  test('a public key cannot sign', () => expect(() => verifier.sign(signable)).toThrow(TypeError))

  test('halves that are not of one pair are a mistake', () => {
    const wrong = Buffer.concat([
      Buffer.from(seedOnly.slice(5), 'base64'),
      Buffer.from(asymmetric().publicKey.slice(5), 'base64'),
    ])
    expect(() => standardWebhooks({ keys: [`whsk_${wrong.toString('base64')}`] })).toThrow(TypeError)
  })

  test.each(['whpk_AAAA', 'whsk_AAAA', 'whpk_', `whxx_${Buffer.alloc(32).toString('base64')}`])('%s is a mistake', (bad) => {
    expect(() => standardWebhooks({ keys: [bad] })).toThrow(TypeError)
  })
})

test('an old key signs and counts until it expires, from one kind of key to the other', () => {
  const { secretKey, publicKey } = asymmetric()
  const sender = standardWebhooks({ keys: [secretKey, { key: key(1), expiresAt: at + 1000 }] })
  const kinds = (when: number): string[] =>
    String(sender.sign({ ...signable, at: when })['webhook-signature'])
      .split(' ')
      .map((one) => one.slice(0, one.indexOf(',')))
  expect(kinds(at)).toEqual(['v1a', 'v1'])
  expect(kinds(at + 1000)).toEqual(['v1a'])
  const receiver = standardWebhooks({ keys: [publicKey, { key: key(1), expiresAt: at + 1000 }] })
  const old = standardWebhooks({ keys: [key(1)] }).sign(signable)
  expect(receiver.verify({ headers: old, body }, at + 999).ok).toBe(true)
  expect(receiver.verify({ headers: old, body }, at + 1000).ok).toBe(false)
  expect(() => standardWebhooks({ keys: [{ key: key(1), expiresAt: at }] }).sign(signable)).toThrow(TypeError)
})

describe('replays', () => {
  const both = standardWebhooks({ keys: [key(1)] })
  const request = (when: number) => ({ headers: both.sign({ ...signable, at: when }), body })

  test('a copy is refused, a further attempt is not', async () => {
    const cache = memoryReplayCache()
    expect((await verifyOnce(both, request(at), at, cache)).ok).toBe(true)
    expect(await verifyOnce(both, request(at), at + 1, cache)).toMatchObject({ ok: false, error: { reason: 'replayed' } })
    expect((await verifyOnce(both, request(at + 5000), at + 5000, cache)).ok).toBe(true)
  })

  test('what is not verified uses up nothing', async () => {
    const cache = memoryReplayCache()
    const forged = { ...request(at), body: body.slice(1) }
    expect(await verifyOnce(both, forged, at, cache)).toMatchObject({ error: { reason: 'no-match' } })
    expect((await verifyOnce(both, request(at), at, cache)).ok).toBe(true)
  })

  test('is remembered for as long as the copy would pass', async () => {
    const cache = memoryReplayCache()
    const signedAt = Math.floor(at / 1000) * 1000
    expect((await verifyOnce(both, request(at), signedAt - 300_000, cache)).ok).toBe(true)
    expect(await verifyOnce(both, request(at), signedAt + 300_000, cache)).toMatchObject({ error: { reason: 'replayed' } })
    expect(await verifyOnce(both, request(at), signedAt + 300_001, cache)).toMatchObject({ error: { reason: 'too-old' } })
  })

  test('keeps to its size', () => {
    const cache = memoryReplayCache({ maxEntries: 2 })
    for (const one of ['a', 'b', 'c']) expect(cache.remember(one, 100, 0)).toBe(true)
    expect(cache.remember('b', 100, 0)).toBe(false)
    expect(cache.remember('a', 100, 0)).toBe(true)
    expect(cache.remember('c', 100, 200)).toBe(true)
  })
})
