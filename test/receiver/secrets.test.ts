import { inspect } from 'node:util'
import { createReceiver, type ReceiverEvent } from 'ringback/receiver'
import { expect, test, vi } from 'vitest'

/** Every form in which a secret could slip out. */
const forms = (secret: string): string[] => [
  secret,
  Buffer.from(secret).toString('base64'),
  Buffer.from(secret).toString('hex'),
  encodeURIComponent(secret),
]

test('U-33 A-15 no token, header secret, claim or body is in any event, error, status, rejection or output', async () => {
  const printed: string[] = []
  const outputs = (['log', 'info', 'warn', 'error', 'debug'] as const).map((method) =>
    vi
      .spyOn(console, method)
      .mockImplementation((...args) => void printed.push(args.map((arg) => inspect(arg, { depth: 9 })).join(' '))),
  )
  const events: ReceiverEvent[] = []
  const errors: unknown[] = []
  const statuses: unknown[] = []
  const answers: string[] = []
  const receiver = createReceiver({ baseUrl: 'http://127.0.0.1:0', onEvent: (event) => void events.push(event) })
  await receiver.listen()

  const claim = '1b4e28ba-2fa1-41d2-883f-0016d3cca427'
  const secret = 'needle-in-headers'
  const schema = { type: 'object', properties: { a: { enum: ['x'] }, b: { pattern: '^y$' } }, additionalProperties: false }
  const endpoints = await Promise.all([
    receiver.create({
      schema,
      auth: [
        { type: 'bearer', token: secret },
        { type: 'hmac', secret, header: 'x-sig' },
      ],
    }),
    receiver.create({ schema, slots: 1, maxCalls: 2 }),
    receiver.create({ method: 'GET', claimCheck: { fetch: () => Promise.reject(new Error(`needle-in-fetch ${claim}`)) } }),
    receiver.create({
      respond: ({ body }) => {
        throw new Error(`needle-in-respond ${String(body)}`)
      },
    }),
    receiver.create({ respond: 'manual' }),
  ])
  const bodies = [
    '{"a":"needle-in-body"}',
    '{"b":"needle-in-body"}',
    '{"needle-in-body',
    '"needle-in-body"',
    '{"a":"x"}',
    '<needle-in-body/>',
  ]
  for (const cb of endpoints) {
    const tails = ['', '/needle-in-path', `?id=${claim}&t=needle-in-query`, 'x', `?id=${claim}&id=needle-in-query`]
    const sends = tails.flatMap((tail) =>
      bodies.flatMap((body) =>
        ['application/json', 'text/xml'].map(async (type) => {
          const headers = {
            'content-type': type,
            authorization: `Bearer ${secret}`,
            'x-sig': secret,
            cookie: secret,
            'webhook-id': `needle-in-id ${body} ${type}`,
          }
          const responses = await Promise.all([
            fetch(cb.url + tail, { method: 'POST', headers, body }),
            fetch(cb.url + tail, {
              method: 'POST',
              headers: { ...headers, authorization: `Bearer ${secret}x`, 'x-sig': `${secret}x` },
              body,
            }),
            fetch(cb.url + tail, { method: 'GET', headers }),
            fetch(cb.url + tail, { method: 'PUT', headers, body }),
          ])
          for (const response of responses) answers.push(JSON.stringify([...response.headers]) + (await response.text()))
        }),
      ),
    )
    const reading = Promise.all(
      [
        ...Array.from({ length: 3 }, () => cb.next({ timeout: 200 }).then((call) => call.respond({ status: 200 }))),
        cb.take(99, { timeout: 200 }),
        cb.expectNone(100),
      ].map((work) => work.catch((error: unknown) => errors.push(error))),
    )
    await Promise.all([...sends.slice(0, 30), reading])
    await Promise.all(sends)
    await cb.cancel('over')
    await cb.next().catch((error: unknown) => errors.push(error))
    statuses.push(await cb.status(), await cb.rejections())
    try {
      errors.push((await receiver.open(cb.id)).url)
    } catch (error) {
      errors.push(error)
    }
  }
  for await (const status of receiver.list()) statuses.push(status)
  await receiver[Symbol.asyncDispose]()
  const urls = endpoints.map((cb) => cb.url)
  for (const output of outputs) output.mockRestore()

  expect(errors.length).toBeGreaterThan(20)
  expect(new Set(events.map(({ type }) => type))).toEqual(
    new Set(['created', 'accepted', 'replayed', 'rejected', 'delivered', 'timeout', 'ended', 'failed']),
  )
  const emitted = [
    inspect(events, { depth: 9, maxArrayLength: null }),
    inspect(errors, { depth: 9, maxArrayLength: null, maxStringLength: null }),
    errors.map((error) => `${String(error)} ${JSON.stringify(error)} ${(error as Error).stack}`).join('\n'),
    inspect(statuses, { depth: 9, maxArrayLength: null }),
    printed.join('\n'),
    answers.join('\n'),
  ]
  const tokens = urls.map((url) => url.slice(-43))
  for (const needle of [...tokens, secret, claim, 'needle-in']) {
    for (const form of forms(needle)) expect(emitted.findIndex((text) => text.includes(form))).toBe(-1)
  }
}, 60_000)
