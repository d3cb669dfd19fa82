import { inspect } from 'node:util'
import { type CallbackEndpoint, createReceiver, redactUrl } from 'ringback/receiver'
import { describe, expect, test } from 'vitest'
import { startCpuTime } from '../support/cpu-time.ts'
import { bench } from './support.ts'

const secretOf = ({ url }: CallbackEndpoint): string => url.slice(url.lastIndexOf('.') + 1)

describe('an endpoint in a log has no URL', () => {
  test('where it was created, and after open()', async () => {
    const { receiver } = bench()
    const cb = await receiver.create()
    const opened = await receiver.open(cb.id)
    for (const endpoint of [cb, opened]) {
      expect(JSON.stringify({ endpoint })).toBe(`{"endpoint":{"id":"${cb.id}"}}`)
      const shown = [
        inspect(endpoint, { depth: 9 }),
        inspect(endpoint, { depth: 9, getters: true }),
        JSON.stringify(Object.entries(endpoint)),
        JSON.stringify({ ...endpoint }),
      ]
      for (const text of shown) expect(text).not.toContain(secretOf(cb))
    }
    expect(cb.url).toContain(secretOf(cb))
  })
})

test.each<[what: string, textOf: (url: string) => string]>([
  ['the URL', (url) => url],
  ['its last segment', (url) => url.slice(url.lastIndexOf('/') + 1)],
  ['the token', (url) => url.slice(url.lastIndexOf('.') + 1)],
])('open() with %s for the id tells none of it', async (_, textOf) => {
  const { receiver } = bench()
  const cb = await receiver.create()
  const error: unknown = await receiver.open(textOf(cb.url)).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'ERR_CALLBACK_UNKNOWN', endpointId: '' })
  const shown = `${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)} ${(error as Error).message}`
  expect(shown).not.toContain(secretOf(cb).slice(0, 10))
  await expect(receiver.open('A'.repeat(22))).rejects.toMatchObject({ endpointId: 'A'.repeat(22) })
})

test('a verifier sees the URL as the sender does, behind a proxy that cuts it off, but without the secret', async () => {
  const seen: string[] = []
  const receiver = createReceiver({ baseUrl: 'https://proxy.example/in' })
  const cb = await receiver.create({
    subPaths: true,
    auth: { type: 'custom', verify: ({ url }) => seen.push(url.href) > 0 },
  })
  const behind = new URL(cb.url).pathname.replace('/in/', '/')
  const response = await receiver.handle(new Request(`http://10.0.0.1${behind}/data?a=b%20c&flag`, { method: 'POST' }))
  expect([response.status, seen]).toEqual([200, [`https://proxy.example/in/callbacks/${cb.id}.REDACTED/data?a=b%20c&flag`]])
})

test('a verifier of profile utask sees no t', async () => {
  const seen: string[] = []
  const { receiver, send } = bench({ profile: 'utask' })
  const cb = await receiver.create({ auth: { type: 'custom', verify: ({ url }) => seen.push(url.href) > 0 } })
  await send(cb, { tail: '&a=b' })
  expect(seen).toEqual([`https://hooks.example.org/unsecured/callback/${cb.id}?a=b`])
})

test('toHar has neither the token, whatever field it is in, nor what is a secret by its name', async () => {
  const { receiver, send } = bench()
  const answer = {
    status: 200,
    headers: { 'set-cookie': 'a=sesame1', 'x-api-key': 'sesame2', location: '/here?access_token=sesame18&a=b' },
    body: 'ok',
  }
  const cb = await receiver.create({ respond: answer })
  const secret = secretOf(cb)
  const headers = {
    'x-original-url': new URL(cb.url).pathname,
    'x-forwarded-uri': new URL(cb.url).pathname,
    referer: cb.url,
    link: `<${encodeURIComponent(cb.url)}>; rel=self`,
    authorization: 'sesame3',
    'x-auth-token': 'sesame4',
    'x-amz-credential': 'sesame5',
    'x-goog-iap-jwt-assertion': 'sesame9',
    'x-shopify-hmac-sha256': 'sesame10',
    'x-jwt': 'sesame11',
    'x-functions-key': 'sesame12',
    'x-forwarded-url': '/x?api_key=sesame13&a=b',
    'x-next': `https://a.example/login?to=${encodeURIComponent('https://b.example/?a=b&client_secret=sesame14&c=d')}`,
    'x-bare': secret,
    'x-twice': `/callbacks/${cb.id}%252e${secret}`,
    'idempotency-key': 'plain-key',
    'content-digest': `sha-256=:${'A'.repeat(43)}=:`,
    'x-plain': 'plain',
  }
  const tail = `?%74oken=sesame15&next=/x?token=sesame16&%2574oken=sesame17&api_key=sesame6&access-token=sesame7&sig=sesame8&sku=plain&back=${encodeURIComponent(cb.url)}&flag`
  expect((await send(cb, { tail, headers, body: { plain: true } })).status).toBe(200)
  const entry = (await cb.next()).toHar()
  const text = JSON.stringify(entry)
  expect(text.includes(secret)).toBe(false)
  expect(text).not.toContain('sesame')
  expect(entry).toMatchObject({
    request: {
      url: expect.stringContaining(
        `${cb.id}.REDACTED?%74oken=REDACTED&next=/x?token=REDACTED&%2574oken=REDACTED&api_key=REDACTED&access-token=REDACTED&sig=REDACTED&sku=plain&back=`,
      ),
      headers: expect.arrayContaining([
        { name: 'x-plain', value: 'plain' },
        { name: 'idempotency-key', value: 'plain-key' },
        { name: 'content-digest', value: `sha-256=:${'A'.repeat(43)}=:` },
        { name: 'x-forwarded-url', value: '/x?api_key=REDACTED&a=b' },
        { name: 'x-next', value: expect.stringMatching(/%3Fa%3Db%26client_secret%3DREDACTED%26c%3Dd$/) },
        { name: 'x-bare', value: 'REDACTED' },
        { name: 'referer', value: `https://hooks.example.org/callbacks/${cb.id}.REDACTED` },
      ]),
      queryString: expect.arrayContaining([{ name: 'sku', value: 'plain' }]),
      postData: { text: '{"plain":true}' },
    },
    response: {
      headers: expect.arrayContaining([{ name: 'location', value: '/here?access_token=REDACTED&a=b' }]),
      content: { text: 'ok' },
    },
  })
})

test('toHar keeps the bytes of an answer that is no text, and hides the id of a claim', async () => {
  const { receiver, send } = bench()
  const claim = '1b4e28ba-2fa1-41d2-883f-0016d3cca427'
  const body = new Uint8Array([0xff, 0xfe, 0, 1])
  const cb = await receiver.create({ respond: { status: 200, body }, claimCheck: { fetch: async () => 'payload' } })
  await send(cb, { tail: `?id=${claim}` })
  const entry = (await cb.next()).toHar()
  expect(entry).toMatchObject({
    request: { queryString: [{ name: 'id', value: 'REDACTED' }] },
    response: { content: { encoding: 'base64', text: Buffer.from(body).toString('base64') } },
  })
  expect(JSON.stringify(entry)).not.toContain(claim)
})

test('redactUrl takes no longer for a hostile text', () => {
  for (const part of ['%3f', '?', '&a', '%26a', 'a%3d', '%25', `${'A'.repeat(22)}.`, '-']) {
    const cpuTime = startCpuTime()
    redactUrl(part.repeat(20_000))
    expect(cpuTime()).toBeLessThan(2000)
  }
})

test('redactUrl knows the percent-encoded dot', () => {
  const id = 'abcdefghijklmnopqrstuv'
  expect(redactUrl(`/callbacks/${id}%2Esesame/data`)).toBe(`/callbacks/${id}%2EREDACTED/data`)
  expect(redactUrl(`?u=https%3A%2F%2Fh%2Fcallbacks%2F${id}.sesame&x=1`)).toBe(
    `?u=https%3A%2F%2Fh%2Fcallbacks%2F${id}.REDACTED&x=1`,
  )
})
