import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { bench, json } from './support.ts'

const body = '{ "b":1, "a": 1.0 }\n'
const key = `whsec_${Buffer.alloc(24, 1).toString('base64')}`
const old = `whsec_${Buffer.alloc(24, 2).toString('base64')}`

interface Signed {
  readonly at?: number
  readonly by?: string
  readonly text?: string
}

function signatureOf(now: number, { at = 0, by = key, text = body }: Signed = {}): string {
  const signed = `m1.${Math.floor(now / 1000) + at}.${text}`
  return `v1,${createHmac('sha256', Buffer.from(by.slice(6), 'base64'))
    .update(signed)
    .digest('base64')}`
}

const CASES: [name: string, signatures: Signed[], at: number, passes: boolean][] = [
  ['one signature', [{}], 0, true],
  ['4 min 59 s old', [{ at: -299 }], -299, true],
  ['5 min 1 s old', [{ at: -301 }], -301, false],
  ['4 min 59 s ahead', [{ at: 299 }], 299, true],
  ['5 min 1 s ahead', [{ at: 301 }], 301, false],
  ['the second of two signatures', [{ text: 'other' }, {}], 0, true],
  ['by the secret that is rotated out', [{ by: old }], 0, true],
  ['by a secret that nobody knows', [{ by: `whsec_${Buffer.alloc(24, 3).toString('base64')}` }], 0, false],
  ['of another time', [{ at: -10 }], 0, false],
  ['of the re-serialised body', [{ text: '{"b":1,"a":1}' }], 0, false],
  ['no signature', [], 0, false],
]

test.each(CASES)('O-15 Standard Webhooks: %s', async (_name, signatures, at, passes) => {
  const { receiver, send, clock } = bench()
  const cb = await receiver.create({ auth: { type: 'standard-webhooks', secret: [key, old] } })
  const response = await send(cb, {
    body,
    headers: {
      ...json,
      'webhook-id': 'm1',
      'webhook-timestamp': String(Math.floor(clock.now() / 1000) + at),
      'webhook-signature': signatures.map((one) => signatureOf(clock.now(), one)).join(' '),
    },
  })
  expect([response.status, response.headers.get('www-authenticate')]).toEqual(passes ? [200, null] : [401, 'StandardWebhooks'])
  expect((await cb.status()).stored).toBe(passes ? 1 : 0)
})

test('O-15 signatures on two lines count as one list, and the tolerance can be set', async () => {
  const { receiver, clock } = bench()
  const cb = await receiver.create({ auth: { type: 'standard-webhooks', secret: key, tolerance: '10s' }, dedupe: false })
  const post = async (at: number): Promise<number> => {
    const headers = new Headers(json)
    headers.set('webhook-id', 'm1')
    headers.set('webhook-timestamp', String(Math.floor(clock.now() / 1000) + at))
    for (const one of [{ text: 'other', at }, { at }]) headers.append('webhook-signature', signatureOf(clock.now(), one))
    return (await receiver.handle(new Request(cb.url, { method: 'POST', headers, body }))).status
  }
  expect([await post(0), await post(-9), await post(-11)]).toEqual([200, 200, 401])
})

test('O-15 a secret of the wrong form is told where it is given, without the secret', async () => {
  const { receiver } = bench()
  const created = receiver.create({ auth: { type: 'standard-webhooks', secret: 'sesame-open' } })
  await expect(created).rejects.toThrow(/Expected a signing key of the form "whsec_"/)
  await expect(created).rejects.not.toThrow(/sesame/)
})
