import { createHash } from 'node:crypto'
import { createReceiver, derivedTokens, type Keyring, memoryStore, randomTokens, redactUrl } from 'ringback/receiver'
import { describe, expect, test } from 'vitest'
import fc from '../support/fast-check.ts'
import { anotherProcess, bench, requestOf } from './support.ts'

const shape = /^https:\/\/hooks\.example\.org\/callbacks\/([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/

test('O-01 the URL is base, prefix, 128 random bits and 256 random bits', async () => {
  const asked: number[] = []
  const random = (n: number): Uint8Array => {
    asked.push(n)
    return new Uint8Array(n).fill(7)
  }
  const cb = await createReceiver({ baseUrl: 'https://hooks.example.org', random }).create()
  expect(cb.url).toMatch(shape)
  // The third keys the digests of what the endpoint gets.
  expect(asked).toEqual([16, 32, 32])
})

test('U-01 G-03 a thousand endpoints have two thousand different halves, and work at once', async () => {
  const { receiver, send } = bench()
  const halves = new Set<string>()
  for (let i = 0; i < 1000; i++) {
    const cb = await receiver.create()
    for (const half of shape.exec(cb.url)?.slice(1) ?? []) halves.add(half)
    if (i % 100 === 0) expect((await send(cb)).status).toBe(200)
  }
  expect(halves.size).toBe(2000)
})

const BASES: [baseUrl: string, pathPrefix: string | undefined, start: string][] = [
  ['https://foo.bar', undefined, 'https://foo.bar/callbacks/'],
  ['https://foo.bar/', '/', 'https://foo.bar/'],
  ['https://foo.bar', '/foobar/', 'https://foo.bar/foobar/'],
  ['http://localhost/callbacks/', 'path-prefix', 'http://localhost/callbacks/path-prefix/'],
  ['https://foo.bar:8443/api', '/x/y', 'https://foo.bar:8443/api/x/y/'],
]
test.each(BASES)('U-03 U-04 U-05 %s with prefix %s gives %s…, and is answered there only', async (baseUrl, pathPrefix, start) => {
  const receiver = createReceiver({ baseUrl, ...(pathPrefix === undefined ? {} : { pathPrefix }) })
  const cb = await receiver.create()
  expect(cb.url.slice(0, -66)).toBe(start)
  expect((await receiver.handle(requestOf(cb.url))).status).toBe(200)
  const elsewhere = `${new URL(cb.url).origin}/elsewhere/${cb.url.slice(-66)}`
  expect((await receiver.handle(requestOf(elsewhere))).status).toBe(404)
})

const BAD_BASES: [baseUrl: unknown, message: RegExp][] = [
  [undefined, /baseUrl/],
  ['', /baseUrl/],
  ['foo', /absolute URL/],
  ['http://example.org', /https.*example\.org/],
  ['http://127.0.0.1.example.org', /https/],
  ['http://10.0.0.1', /https/],
  ['ftp://localhost', /scheme "ftp:"/],
  ['https://user:hunter2@example.org', /without user/],
  ['https://example.org/?a=b', /without user, query/],
]
test.each(BAD_BASES)('A-02 U-06 baseUrl %s is refused', (baseUrl, message) => {
  expect(() => createReceiver({ baseUrl: baseUrl as string })).toThrow(TypeError)
  expect(() => createReceiver({ baseUrl: baseUrl as string })).toThrow(message)
  expect(() => createReceiver({ baseUrl: baseUrl as string })).not.toThrow(/hunter2/)
})

test.each(['HTTPS://example.org', 'http://localhost:3000', 'http://127.0.0.1:0', 'http://[::1]:8080', 'http://app.localhost'])(
  'A-02 baseUrl %s is taken',
  (baseUrl) => {
    expect(createReceiver({ baseUrl })).toBeDefined()
  },
)

test('A-02 an insecure base URL must be allowed', () => {
  expect(createReceiver({ baseUrl: 'http://receiver.test', allowInsecureBaseUrl: true })).toBeDefined()
})

test('O-02 only a hash of the secret is stored', async () => {
  const store = memoryStore()
  const { receiver, send } = bench({ store })
  const cb = await receiver.create({ metadata: { a: 'b' } })
  await send(cb, { body: { a: 1 } })
  await send(cb, { method: 'PUT' })
  const [, id = '', secret = ''] = shape.exec(cb.url) ?? []
  const row = await store.getEndpoint(id)
  expect(Buffer.from(row?.tokenHash ?? [])).toEqual(createHash('sha256').update(`ringback-v1\0${id}\0${secret}`).digest())
  const rows = [
    row?.sealed,
    ...(await store.calls(id, { limit: 9 })).flatMap((call) => [call.sealed, call.reply]),
    ...(await store.rejections(id)),
  ]
  const dump = Buffer.concat(rows.map((bytes) => bytes ?? new Uint8Array()))
  expect(dump.length).toBeGreaterThan(100)
  const raw = Buffer.from(secret, 'base64url')
  for (const form of [secret, raw.toString('hex'), raw.toString('base64'), raw]) expect(dump.includes(form)).toBe(false)
})

describe('without the token', () => {
  const far = (url: string, change: (id: string, secret: string) => string): string => {
    const [, id = '', secret = ''] = shape.exec(url) ?? []
    return `https://hooks.example.org/callbacks/${change(id, secret)}`
  }

  test('O-03 O-04 U-10 U-11 G-19 everybody gets one and the same 404', async () => {
    const { receiver, clock } = bench()
    const [cb, other, gone] = [await receiver.create(), await receiver.create(), await receiver.create()]
    await gone.complete()
    await clock.advance(25 * 3_600_000)
    await receiver.sweep()
    const urls = [
      far(cb.url, (id) => `${'A'.repeat(22)}.${id}${id}`),
      far(cb.url, (id) => `${id}.${shape.exec(other.url)?.[2]}`),
      far(cb.url, (id, secret) => `${id}.${secret.slice(0, -1)}`),
      far(cb.url, (id, secret) => `${id}.${secret.toUpperCase()}`),
      far(cb.url, (id, secret) => `${id}${secret}`),
      far(cb.url, (id) => id),
      far(cb.url, (id, secret) => `x${id}.${secret}`),
      far(cb.url, (id, secret) => `${id}%2e${secret}`),
      far(cb.url, () => ''),
      far(cb.url, () => 'not-a-uuid'),
      `${far(cb.url, (id) => id)}?t=x`,
      gone.url,
      `${cb.url}?${'q'.repeat(9000)}`,
      'https://hooks.example.org/elsewhere',
    ]
    for (const method of ['POST', 'GET', 'HEAD', 'OPTIONS', 'DELETE']) {
      const answers = await Promise.all(
        urls.map(async (url) => {
          const response = await receiver.handle(new Request(url, { method }))
          return { status: response.status, headers: [...response.headers], body: await response.text() }
        }),
      )
      expect(answers[0]?.status).toBe(404)
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    }
    expect((await cb.status()).rejected).toBe(0)
  })

  test('O-04 a paused receiver does not tell strangers that it is', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create()
    receiver.pause()
    expect((await receiver.handle(requestOf(`${cb.url}x`))).status).toBe(404)
    expect((await send(cb)).status).toBe(503)
  })

  test('O-05 U-34 whatever a segment is made of, the answer is 404', async () => {
    const { receiver } = bench()
    const cb = await receiver.create()
    const [, id = '', secret = ''] = shape.exec(cb.url) ?? []
    const odd = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.string({ maxLength: 80 }).map((text) => `${id}.${text}`),
      fc.string({ unit: fc.constantFrom(...'%2e.~_-Az09\0'), maxLength: 90 }),
      fc.nat(8000).map((n) => `${id}.${'é'.repeat(n)}`),
      fc.constantFrom(`${id}.`, `.${secret}`, '.', '..', `${id}.${'~'.repeat(43)}`, `${id}.%00`, '%', `${id}.${secret}\0`, '*'),
    )
    await fc.assert(
      fc.asyncProperty(odd, async (segment) => {
        fc.pre(segment !== `${id}.${secret}` && !/[?#/\\\t\n\r]/.test(segment))
        const url = `https://hooks.example.org/callbacks/${segment}`
        fc.pre(
          URL.canParse(url) &&
            new URL(url).pathname.startsWith('/callbacks/') &&
            new URL(url).pathname !== new URL(cb.url).pathname,
        )
        const response = await receiver.handle(new Request(url, { method: 'POST' }))
        expect(response.status).toBe(404)
      }),
      { numRuns: 2000 },
    )
  })

  test('U-34 verify says no to all but the secret, and never throws', () => {
    for (const tokens of [randomTokens(), derivedTokens(ring('k1'))]) {
      const { secret, hash } = tokens.mint('id')
      expect(tokens.verify('id', secret, hash)).toBe(true)
      const others = [
        '',
        'x',
        `${secret}x`,
        secret.slice(1),
        'é'.repeat(43),
        '\0',
        secret.toUpperCase(),
        '𝕏'.repeat(22),
        '\ud800',
      ]
      for (const other of others) expect(tokens.verify('id', other, hash)).toBe(false)
      expect(tokens.verify('other', secret, hash)).toBe(false)
      expect(tokens.verify('id', 'x', new Uint8Array())).toBe(false)
    }
  })
})

function ring(...kids: [string, ...string[]]): Keyring {
  const [first, ...rest] = kids.map((kid) => ({ kid, key: new Uint8Array(32).fill(kid.charCodeAt(1)) }))
  if (first === undefined) throw new TypeError('a ring has a key')
  return { keys: [first, ...rest] }
}

describe('opened again', () => {
  test('O-06 a random token is known only where it was made', async () => {
    const store = memoryStore()
    const cb = await bench({ store }).receiver.create()
    const again = await bench({ store: anotherProcess(store) }).receiver.open(cb.id)
    expect(() => again.url).toThrow(expect.objectContaining({ code: 'ERR_CALLBACK_URL_UNKNOWN' }))
  })

  test('O-06 a derived one can be had again', async () => {
    const store = memoryStore()
    const cb = await bench({ store, tokens: derivedTokens(ring('k1')) }).receiver.create({ idempotencyKey: 'order' })
    const { receiver, send } = bench({ store: anotherProcess(store), tokens: derivedTokens(ring('k1')) })
    expect((await receiver.open(cb.id)).url).toBe(cb.url)
    expect((await receiver.create({ idempotencyKey: 'order' })).url).toBe(cb.url)
    expect((await send(cb)).status).toBe(200)
  })

  test('O-07 a key that is rotated out closes the URLs made with it', async () => {
    const store = memoryStore()
    const at = (keyring: Keyring): ReturnType<typeof bench> =>
      bench({ store: anotherProcess(store), tokens: derivedTokens(keyring) })
    const cb = await at(ring('k1')).receiver.create()
    expect(cb.url).toMatch(/\.k1\.[\w-]{43}$/)
    expect((await at(ring('k2', 'k1')).send(cb)).status).toBe(200)
    expect((await at(ring('k2')).send(cb)).status).toBe(404)
    const renewed = await at(ring('k2', 'k1')).receiver.open(cb.id)
    expect(renewed.url).toMatch(/\.k2\./)
    expect((await at(ring('k2')).send(renewed)).status).toBe(200)
  })

  test('O-04 a derived secret of an endpoint that is not there opens nothing', async () => {
    const tokens = derivedTokens(ring('k1'))
    const id = 'A'.repeat(22)
    const { receiver } = bench({ tokens })
    const url = `https://hooks.example.org/callbacks/${id}.${tokens.mint(id).secret}`
    expect((await receiver.handle(requestOf(url))).status).toBe(404)
  })

  test.each([
    ['short', 31],
    ['x y', 32],
    ['', 32],
  ])('a keyring with kid "%s" and a key of %i bytes is refused', (kid, length) => {
    expect(() => derivedTokens({ keys: [{ kid, key: new Uint8Array(length) }] })).toThrow(TypeError)
  })
})

const id = 'Ab3_-fghijklmnopqrstuv'
const REDACTED: [url: string, redacted: string][] = [
  [`https://h/callbacks/${id}.${'s'.repeat(43)}`, `https://h/callbacks/${id}.REDACTED`],
  [`https://h/callbacks/${id}.k1.${'s'.repeat(43)}/data?x=1#f`, `https://h/callbacks/${id}.REDACTED/data?x=1#f`],
  [`GET "/callbacks/${id}.secret" 404`, `GET "/callbacks/${id}.REDACTED" 404`],
  [
    'https://h/unsecured/callback/1b4e28ba-2fa1-11d2-883f-0016d3cca427?t=secret&a=b',
    'https://h/unsecured/callback/1b4e28ba-2fa1-11d2-883f-0016d3cca427?t=REDACTED&a=b',
  ],
  ['https://h/a?b=c&t=secret#d', 'https://h/a?b=c&t=REDACTED#d'],
  ['https://h/orders/1?at=2', 'https://h/orders/1?at=2'],
]
test.each(REDACTED)('redactUrl(%s)', (url, redacted) => {
  expect(redactUrl(url)).toBe(redacted)
})

test('redactUrl takes further parameters (A-15)', () => {
  expect(redactUrl('https://h/c?id=secret&a=b', ['id'])).toBe('https://h/c?id=REDACTED&a=b')
})
