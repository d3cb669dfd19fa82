import {
  type CallbackRequest,
  createDispatcher,
  type Dispatcher,
  type DispatcherOptions,
  memoryStore,
  type Profile,
  publicInternet,
  retrySchedule,
  type SendReport,
  sqliteStore,
} from 'ringback/dispatcher'
import { afterEach, describe, expect, test } from 'vitest'
import { manualClock } from '../support/manual-clock.ts'
import { answered, callbackRequest, fakeTransport, testReceiver, turns } from './support.ts'

const url = 'https://a.example/cb'
const running: Dispatcher[] = []
afterEach(async () => {
  for (const dispatcher of running.splice(0)) await dispatcher.stop({ drainMs: 0 })
})

function dispatcherWith(options: DispatcherOptions): Dispatcher {
  const dispatcher = createDispatcher({ clock: manualClock(Date.UTC(2026, 5, 1)), ...options })
  running.push(dispatcher)
  return dispatcher
}

const withBody = (status: number, body: unknown): SendReport => ({
  ...answered(status),
  outcome: {
    kind: 'response',
    status,
    headers: {},
    body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
    completeness: 'complete',
  },
})
const expired = { accessTokenExpiresUtc: '2026-05-31T23:59:59Z' }
const valid = { accessTokenExpiresUtc: '2026-06-01T00:00:01Z' }

const TABLE: [profile: Profile, name: string, report: SendReport, metadata: object, state: string, reason?: string][] = [
  ['standard', '404 with a cause', withBody(404, { cause: 'CONTEXT_NOT_FOUND' }), {}, 'pending'],
  ['3gpp', '404 with that cause', withBody(404, { cause: 'CONTEXT_NOT_FOUND' }), {}, 'dead', 'ended'],
  ['3gpp', '404 with another cause', withBody(404, { cause: 'SUBSCRIPTION_NOT_FOUND' }), {}, 'pending'],
  ['3gpp', '404 with that word alone', withBody(404, 'CONTEXT_NOT_FOUND'), {}, 'pending'],
  ['3gpp', '404 with null', withBody(404, null), {}, 'pending'],
  ['3gpp', '403 with that cause', withBody(403, { cause: 'CONTEXT_NOT_FOUND' }), {}, 'pending'],
  ['camara', '401 after the end of the token', answered(401), expired, 'dead', 'expired'],
  ['camara', '403 after the end of the token', answered(403), expired, 'dead', 'expired'],
  ['camara', '401 before it', answered(401), valid, 'pending'],
  ['camara', '500 after it', answered(500), expired, 'pending'],
  ['camara', '401 with no end known', answered(401), {}, 'pending'],
  ['camara', '401 with a nonsense end', answered(401), { accessTokenExpiresUtc: 'soon' }, 'pending'],
  ['standard', '401 after the end of the token', answered(401), expired, 'pending'],
  ['websub', '410', answered(410), {}, 'dead', 'gone'],
  ...[400, 413, 414, 415, 431, 501, 505].map(
    (status) => ['websub', String(status), answered(status), {}, 'pending'] as (typeof TABLE)[number],
  ),
  ['websub', 'abort-message', answered(400, { 'webhook-delivery': 'abort-message' }), {}, 'pending'],
  ['cloudevents', '415', answered(415), {}, 'dead', 'rejected'],
  ['cloudevents', '410', answered(410), {}, 'dead', 'gone'],
]

test.each(TABLE)('%s: %s', async (profile, _name, report, metadata, state, reason) => {
  for (const options of [{ profile }, {}]) {
    const dispatcher = dispatcherWith({ transport: fakeTransport(() => report), ...options })
    const own = options.profile === undefined ? { ...metadata, profile } : metadata
    await dispatcher.enqueue(callbackRequest('a', url, { metadata: own as Record<string, unknown> }))
    await dispatcher.runDue()
    const delivery = (await dispatcher.get('a'))?.delivery
    expect([delivery?.state, delivery?.reason]).toEqual([state, reason])
  }
})

test('an unknown profile is a mistake', () => {
  expect(() => createDispatcher({ profile: 'toString' as Profile })).toThrow(TypeError)
})

describe('3gpp redirects', () => {
  const redirect = (status: number, location?: string | string[]): SendReport => ({
    ...answered(status),
    outcome: {
      kind: 'response',
      status,
      headers: location === undefined ? {} : { location },
      body: new Uint8Array(0),
      completeness: 'complete',
    },
  })
  const followed = async (report: SendReport, profile: Profile = '3gpp', options: DispatcherOptions = {}, metadata = {}) => {
    const transport = fakeTransport((_request, n) => (n === 1 ? report : answered(204)))
    const dispatcher = dispatcherWith({ transport, profile, ...options })
    await dispatcher.enqueue(callbackRequest('a', url, { metadata }))
    await dispatcher.runDue()
    return transport.sent
  }

  test.each([
    [307, 'https://b.example/x', 'https://b.example/x'],
    [308, '/moved?a=1', 'https://a.example/moved?a=1'],
  ])('%i to %s: the same request, once', async (status, location, target) => {
    const sent = await followed(redirect(status, location))
    expect(sent.map((request) => [request.method, request.url])).toEqual([
      ['POST', url],
      ['POST', target],
    ])
    expect(sent[1]).toMatchObject({ body: sent[0]?.body, headers: sent[0]?.headers })
  })

  test.each([
    ['301', redirect(301, '/x')],
    ['302', redirect(302, '/x')],
    ['303', redirect(303, '/x')],
    ['no Location', redirect(307)],
    ['two Locations', redirect(307, ['/x', '/y'])],
    ['an unreadable one', redirect(307, 'http://[')],
  ])('%s is not followed', async (_name, report) => expect(await followed(report)).toHaveLength(1))

  test('nor one after another, nor in another profile', async () => {
    const transport = fakeTransport(() => redirect(307, '/x'))
    const dispatcher = dispatcherWith({ transport, profile: '3gpp' })
    await dispatcher.enqueue(callbackRequest('a', url))
    await dispatcher.runDue()
    expect(transport.sent).toHaveLength(2)
    expect(await followed(redirect(307, '/x'), 'standard')).toHaveLength(1)
  })

  test('secrets go to no other origin', async () => {
    const metadata = { credentials: [{ name: 'n', kind: 'bearer' }] }
    const options = { credentials: () => 'secret' }
    expect(await followed(redirect(307, 'https://b.example/x'), '3gpp', options, metadata)).toHaveLength(1)
    expect(await followed(redirect(307, '/x'), '3gpp', options, metadata)).toHaveLength(2)
  })

  describe("fields of the request's own that are secrets", () => {
    const kept = { 'content-type': 'application/json', 'idempotency-key': '1', 'x-tenant': 't' }
    const secrets = {
      Authorization: 'Bearer x',
      Cookie: 'a=1',
      'Proxy-Authorization': 'Basic x',
      'x-api-key': 'k',
      'X-Auth-Token': 'x',
      '3gpp-Sbi-Client-Credentials': 'c',
    }
    const fieldsAfter = async (status: number, from: string, to: string) => {
      const transport = fakeTransport((_request, n) => (n === 1 ? redirect(status, to) : answered(n === 2 ? 503 : 204)))
      const dispatcher = dispatcherWith({ transport, profile: '3gpp', retry: retrySchedule([0, 1]) })
      await dispatcher.enqueue(callbackRequest('a', from, { headers: { ...kept, ...secrets } }))
      await dispatcher.runDue()
      const stored = await dispatcher.get('a')
      return { sent: Object.keys(transport.sent[1]?.headers ?? {}), stored: Object.keys(stored?.delivery.request.headers ?? {}) }
    }

    test.each([
      [307, url, 'https://b.example/x'],
      [308, url, 'https://b.example/x'],
      [307, url, 'https://a.example:8443/cb'],
      [307, url, 'http://a.example/cb'],
    ])('%i from %s do not go to %s', async (status, from, to) => {
      const { sent, stored } = await fieldsAfter(status, from, to)
      expect(sent.toSorted()).toEqual([...Object.keys(kept), 'user-agent', 'webhook-id'].toSorted())
      // Later attempts after a 308 go there as well.
      expect(stored).toEqual(status === 308 ? Object.keys(kept) : Object.keys({ ...kept, ...secrets }))
    })

    test('go along within the origin', async () => {
      const { sent } = await fieldsAfter(307, url, '/elsewhere')
      expect(sent).toEqual(expect.arrayContaining(Object.keys(secrets).map((name) => name.toLowerCase())))
    })
  })

  describe.each([
    ['memory', () => memoryStore()],
    ['SQLite', () => sqliteStore({ path: ':memory:' })],
  ] as const)('308 (%s)', (_name, open) => {
    const moved = async (first: number, second: SendReport, constraint?: CallbackRequest['constraint']) => {
      const clock = manualClock(Date.UTC(2026, 5, 1))
      const store = open()
      const transport = fakeTransport((request, n) =>
        n === 1 ? redirect(first, 'https://b.example/new') : n === 2 ? second : answered(request.url === url ? 500 : 204),
      )
      const dispatcher = dispatcherWith({ store, clock, transport, profile: '3gpp', retry: retrySchedule([0, '30s', '30s']) })
      const ends: string[] = []
      dispatcher.on('attempt:end', ({ delivery }) => ends.push(delivery.request.url))
      await dispatcher.enqueue(callbackRequest('a', url, constraint === undefined ? {} : { constraint }))
      for (let i = 0; i < 2; i++) {
        const run = dispatcher.runDue()
        for (let turn = 0; turn < 5; turn++) {
          await turns()
          await clock.advance(10)
        }
        await run
        await clock.advance(60_000)
      }
      const found = await store.get('a')
      await dispatcher.stop({ drainMs: 0 })
      await store.close()
      return { urls: transport.sent.map((request) => request.url), delivery: found?.delivery, ends }
    }

    test('attempts go on where the receiver has moved to', async () => {
      const { urls, delivery, ends } = await moved(308, answered(503))
      expect(urls).toEqual([url, 'https://b.example/new', 'https://b.example/new'])
      expect(delivery).toMatchObject({
        state: 'delivered',
        origin: 'https://b.example',
        request: { url: 'https://b.example/new' },
      })
      expect(ends).toEqual(['https://b.example/new', 'https://b.example/new'])
    })

    test('after a 307 they begin where they did', async () => {
      const { urls, delivery } = await moved(307, answered(503))
      expect(urls).toEqual([url, 'https://b.example/new', url])
      expect(delivery).toMatchObject({ state: 'pending', origin: 'https://a.example', request: { url } })
    })

    test('what the policy refuses does not become the address', async () => {
      const refusal = { rule: 'special-v4', message: 'm', detail: 'd' } as const
      const { delivery } = await moved(308, { ...answered(0), outcome: { kind: 'refused', refusal }, sent: 'no' })
      expect(delivery).toMatchObject({ state: 'dead', reason: 'refused', request: { url } })
    })

    test('what the key fixed holds there too', async () => {
      const constraint = { scheme: 'https', authority: { kind: 'exact', host: 'a.example', port: '' } } as const
      expect((await moved(308, answered(503), constraint)).delivery?.request).toMatchObject({
        url: 'https://b.example/new',
        constraint,
      })
    })
  })

  test('the policy judges where it points', async () => {
    const receiver = await testReceiver((response) =>
      response.writeHead(307, { location: 'http://169.254.169.254/latest' }).end(),
    )
    const dispatcher = dispatcherWith({ policy: publicInternet({ devLoopback: true }), profile: '3gpp' })
    await dispatcher.enqueue(callbackRequest('a', `${receiver.url}/cb`))
    await dispatcher.runDue()
    expect(await dispatcher.get('a')).toMatchObject({
      delivery: { state: 'dead', reason: 'refused' },
      attempts: [{ outcome: { kind: 'refused', rule: 'special-v4' } }],
    })
    await receiver.close()
  })
})
