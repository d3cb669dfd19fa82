import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  createDispatcher,
  type Dispatcher,
  type DispatcherOptions,
  memoryStore,
  publicInternet,
  type SendReport,
  type Transport,
} from 'ringback/dispatcher'
import { afterEach, describe, expect, test } from 'vitest'
import { answered, callbackRequest, fakeTransport, type ManualClock, manualClock, testReceiver, turns } from './support.ts'

type Sent = Parameters<Transport['send']>[0]

const url = 'https://a.example/cb?x=1#f'
const topic = 'https://pub.example/feed?a=1&b=2'
const websub = { profile: 'websub', websub: { topic, leaseSeconds: 120 } }
const cloudevents = { profile: 'cloudevents' }
const intent = { origin: 'events.example' }
const running: Dispatcher[] = []
afterEach(async () => {
  for (const dispatcher of running.splice(0)) await dispatcher.stop({ drainMs: 0 })
})

function dispatcherWith(options: DispatcherOptions): Dispatcher {
  const dispatcher = createDispatcher({ clock: manualClock(), intent, ...options })
  running.push(dispatcher)
  return dispatcher
}

function withBody(report: SendReport, body: string, changes: object = {}): SendReport {
  return { ...report, outcome: { ...report.outcome, body: new TextEncoder().encode(body), ...changes } as SendReport['outcome'] }
}

const challengeOf = (request: Sent): string => new URL(request.url).searchParams.get('hub.challenge') ?? ''
const failed = (cause: 'timeout' | 'reset' | 'dns'): SendReport => ({
  outcome: { kind: 'failed', cause, code: 'E', message: 'm' },
  phase: 'connect',
  sent: 'no',
  reusedConnection: false,
  timings: { total: 1 },
})
const refusedReport: SendReport = {
  ...failed('dns'),
  outcome: { kind: 'refused', refusal: { rule: 'special-v4', message: 'm', detail: 'd' } },
}

const granted = { 'webhook-allowed-origin': 'events.example' }
const ROWS: [name: string, metadata: object, answer: (request: Sent) => SendReport, state: string, reason?: string][] = [
  ['the challenge', websub, (request) => withBody(answered(200), challengeOf(request)), 'delivered'],
  ['the challenge and a newline', websub, (request) => withBody(answered(202), `${challengeOf(request)}\n`), 'delivered'],
  ['nothing', websub, () => answered(200), 'dead', 'declined'],
  ['another one', websub, () => withBody(answered(200), 'other'), 'dead', 'declined'],
  ['more than the challenge', websub, (r) => withBody(answered(200), `${challengeOf(r)}${'x'.repeat(9000)}`), 'dead', 'declined'],
  ['the challenge with 404', websub, (request) => withBody(answered(404), challengeOf(request)), 'dead', 'declined'],
  ['the challenge with 302', websub, (request) => withBody(answered(302), challengeOf(request)), 'dead', 'declined'],
  ['half of it', websub, (r) => withBody(answered(200), challengeOf(r), { completeness: 'broken' }), 'pending'],
  ['410', websub, () => answered(410), 'dead', 'gone'],
  ['500', websub, () => answered(500), 'pending'],
  ['429', websub, () => answered(429), 'pending'],
  ['no answer', websub, () => failed('timeout'), 'pending'],
  ['no name', websub, () => failed('dns'), 'pending'],
  ['a refusal of the policy', websub, () => refusedReport, 'dead', 'refused'],
  ['the origin', cloudevents, () => answered(200, granted), 'delivered'],
  ['any origin', cloudevents, () => answered(204, { 'webhook-allowed-origin': '*' }), 'delivered'],
  ['its case', cloudevents, () => answered(200, { 'WebHook-Allowed-Origin': 'Events.Example' }), 'delivered'],
  ['another origin', cloudevents, () => answered(200, { 'webhook-allowed-origin': 'other.example' }), 'dead', 'declined'],
  ['a list', cloudevents, () => answered(200, { 'webhook-allowed-origin': 'a.example, events.example' }), 'dead', 'declined'],
  ['nothing', cloudevents, () => answered(200), 'dead', 'declined'],
  ['405', cloudevents, () => answered(405, granted), 'dead', 'declined'],
  ['307', cloudevents, () => answered(307, granted), 'dead', 'declined'],
  ['404', cloudevents, () => answered(404), 'pending'],
  ['410', cloudevents, () => answered(410), 'dead', 'gone'],
  ['503', cloudevents, () => answered(503), 'pending'],
  ['no answer', cloudevents, () => failed('reset'), 'pending'],
  ['a rate of 0', cloudevents, () => answered(200, { ...granted, 'webhook-allowed-rate': '0' }), 'dead', 'declined'],
  ['no rate', cloudevents, () => answered(200, { ...granted, 'webhook-allowed-rate': 'fast' }), 'dead', 'declined'],
  ['any rate', cloudevents, () => answered(200, { ...granted, 'webhook-allowed-rate': '*' }), 'delivered'],
]

test.each([5, null, 'x', {}, { topic: 5 }, { topic: '' }, { topic, leaseSeconds: 0 }, { topic, leaseSeconds: '5' }])(
  'metadata.websub that cannot be asked about is sent nowhere: %j',
  async (settings) => {
    const transport = fakeTransport()
    const dispatcher = dispatcherWith({ transport })
    await dispatcher.enqueue(callbackRequest('a', url, { metadata: { profile: 'websub', websub: settings } }))
    await dispatcher.runDue()
    expect(transport.sent).toEqual([])
    expect(await dispatcher.get('a')).toMatchObject({
      delivery: { state: 'dead', reason: 'refused' },
      attempts: [{ sent: 'no', outcome: { kind: 'unbuildable', problem: expect.stringContaining('metadata.websub') } }],
    })
  },
)

test.each(ROWS)('%s, to %j', async (_name, metadata, answer, state, reason) => {
  const transport = fakeTransport((request) => (request.method === 'POST' ? answered(200) : answer(request)))
  const dispatcher = dispatcherWith({ transport })
  await dispatcher.enqueue(callbackRequest('a', url, { metadata: metadata as Record<string, unknown> }))
  await dispatcher.runDue()
  const found = await dispatcher.get('a')
  expect([found?.delivery.state, found?.delivery.reason]).toEqual([state, reason])
  expect(transport.sent.map(({ method }) => method)).toEqual([
    metadata === websub ? 'GET' : 'OPTIONS',
    ...(state === 'delivered' ? ['POST'] : []),
  ])
  if (state !== 'delivered') expect(found?.attempts).toMatchObject([{ n: 1, sent: 'no' }])
})

test.each([
  ['websub without a topic', { profile: 'websub' }],
  ['another profile', { profile: '3gpp', websub: { topic } }],
])('%s is sent unasked', async (_name, metadata) => {
  const transport = fakeTransport()
  const dispatcher = dispatcherWith({ transport })
  await dispatcher.enqueue(callbackRequest('a', url, { metadata }))
  await dispatcher.runDue()
  expect(transport.sent.map(({ method }) => method)).toEqual(['POST'])
})

test.each([{ origin: '' }, { origin: 'a b' }, { ratePerMinute: 0 }, { ratePerMinute: 1.5 }, { grantedMs: 0 }])(
  'intent %j is a mistake',
  (wrong) => expect(() => createDispatcher({ intent: wrong })).toThrow(TypeError),
)

describe('over HTTP', () => {
  const policy = publicInternet({ devLoopback: true })

  test('websub: what is asked', async () => {
    const receiver = await testReceiver((response, _n, request) =>
      response.end(new URL(request.url ?? '', 'http://x').searchParams.get('hub.challenge')),
    )
    const dispatcher = dispatcherWith({ policy })
    await dispatcher.enqueue(callbackRequest('a', `${receiver.url}/cb?x=1#f`, { metadata: websub }))
    await dispatcher.runDue()
    const asked = new URL(receiver.seen[0]?.url ?? '', receiver.url)
    expect(Object.fromEntries(asked.searchParams)).toEqual({
      x: '1',
      'hub.mode': 'subscribe',
      'hub.topic': topic,
      'hub.challenge': expect.stringMatching(/^\w{26}$/),
      'hub.lease_seconds': '120',
    })
    expect(receiver.seen.map(({ method, url: path }) => [method, path.split('?')[0]])).toEqual([
      ['GET', '/cb'],
      ['POST', '/cb'],
    ])
    await receiver.close()
  })

  test('cloudevents: what is asked, without what the delivery holds', async () => {
    const receiver = await testReceiver((response) => response.setHeader('WebHook-Allowed-Origin', '*').end())
    const dispatcher = dispatcherWith({ policy, intent: { ...intent, ratePerMinute: 120 }, credentials: () => 'secret' })
    const metadata = { ...cloudevents, credentials: [{ name: 'n', kind: 'bearer' }] }
    await dispatcher.enqueue(callbackRequest('a', `${receiver.url}/cb`, { metadata }))
    await dispatcher.runDue()
    const [asked, sent] = receiver.seen
    expect(asked).toMatchObject({
      method: 'OPTIONS',
      headers: { 'webhook-request-origin': 'events.example', 'webhook-request-rate': '120' },
    })
    expect(asked?.body.length).toBe(0)
    expect(JSON.stringify(asked?.headers)).not.toMatch(/secret|webhook-id/)
    expect(sent).toMatchObject({ method: 'POST', headers: { authorization: 'Bearer secret' } })
    await receiver.close()
  })

  const HOSTILE: [name: string, answer: (response: ServerResponse, request: IncomingMessage) => void, state: string][] = [
    ['endless', (response) => void response.write('x'.repeat(70_000)), 'dead'],
    ['redirected to a private address', (r) => r.writeHead(302, { location: 'http://169.254.169.254/' }).end(), 'dead'],
    ['cut off', (response, request) => response.writeHead(200).write('x', () => request.socket.destroy()), 'pending'],
    ['reset', (_response, request) => request.socket.destroy(), 'pending'],
  ]
  test.each(HOSTILE)('an answer that is %s', async (_name, answer, state) => {
    const receiver = await testReceiver((response, _n, request) => answer(response, request))
    const dispatcher = dispatcherWith({ policy })
    await dispatcher.enqueue(callbackRequest('a', `${receiver.url}/cb`, { metadata: websub }))
    await dispatcher.runDue()
    expect((await dispatcher.get('a'))?.delivery.state).toBe(state)
    expect(receiver.seen.map(({ method }) => method)).toEqual(['GET'])
    await receiver.close()
  })

  test('the policy judges it as it does the delivery: nothing is contacted', async () => {
    const receiver = await testReceiver()
    const dispatcher = dispatcherWith({})
    await dispatcher.enqueue(callbackRequest('a', `${receiver.url}/cb`, { metadata: websub }))
    await dispatcher.runDue()
    expect((await dispatcher.get('a'))?.delivery).toMatchObject({ state: 'dead', reason: 'refused' })
    expect(receiver.seen).toEqual([])
    await receiver.close()
  })
})

describe('what was said is remembered', () => {
  const methods = ({ sent }: { readonly sent: readonly Sent[] }): string => sent.map(({ method }) => method[0]).join('')
  const echoing = () =>
    fakeTransport((request) =>
      request.method === 'GET' ? withBody(answered(200), challengeOf(request)) : answered(200, granted),
    )

  test('until it expires, for one URL and one topic', async () => {
    const clock = manualClock()
    const transport = echoing()
    const dispatcher = dispatcherWith({ transport, clock })
    let id = 0
    const deliver = async (target: string, metadata: Record<string, unknown>): Promise<void> => {
      await dispatcher.enqueue(callbackRequest(`d${id++}`, target, { metadata }))
      await dispatcher.runDue()
    }
    await deliver(url, websub)
    await deliver(url, websub)
    expect(methods(transport)).toBe('GPP')
    await deliver('https://a.example/other', websub)
    await deliver(url, { ...websub, websub: { topic: 'another' } })
    expect(methods(transport)).toBe('GPPGPGP')
    clock.advance(119_999)
    await deliver(url, websub)
    clock.advance(1)
    await deliver(url, websub)
    expect(methods(transport)).toBe('GPPGPGPPGP')
    await deliver(url, cloudevents)
    clock.advance(24 * 3_600_000 - 1)
    await deliver(url, cloudevents)
    clock.advance(1)
    await deliver(url, cloudevents)
    expect(methods(transport).slice(10)).toBe('OPPOP')
  })

  test('deliveries that are due together ask once', async () => {
    const transport = echoing()
    const dispatcher = dispatcherWith({ transport })
    for (let i = 0; i < 10; i++) await dispatcher.enqueue(callbackRequest(`d${i}`, url, { metadata: websub }))
    expect(await dispatcher.runDue()).toBe(10)
    expect(methods(transport)).toBe(`G${'P'.repeat(10)}`)
  })

  test('whoever has declined is not asked by every delivery, and again when it was mended', async () => {
    const clock = manualClock()
    let isMended = false
    const transport = fakeTransport(() => answered(200, isMended ? granted : {}))
    const dispatcher = dispatcherWith({ transport, clock })
    for (let i = 0; i < 10; i++) await dispatcher.enqueue(callbackRequest(`d${i}`, url, { metadata: cloudevents }))
    await dispatcher.runDue()
    expect(methods(transport)).toBe('O')
    expect((await dispatcher.stats()).counts.dead).toBe(10)
    isMended = true
    clock.advance(60_000)
    await dispatcher.requeue('d0')
    await dispatcher.runDue()
    expect(methods(transport)).toBe('OOP')
  })

  test('by this process: another one asks for itself, and a grant survives no restart', async () => {
    const store = memoryStore()
    const clock = manualClock()
    const transport = echoing()
    for (const id of ['a', 'b']) {
      const dispatcher = dispatcherWith({ transport, store, clock })
      await dispatcher.enqueue(callbackRequest(id, url, { metadata: websub }))
      await dispatcher.runDue()
    }
    expect(methods(transport)).toBe('GPGP')
  })

  test('a slow answer is not followed by an attempt that could outlive the lease', async () => {
    const clock = manualClock()
    const transport = fakeTransport((request) => {
      if (request.method === 'POST') return answered(200)
      clock.advance(14_000)
      return withBody(answered(200), challengeOf(request))
    })
    const dispatcher = dispatcherWith({ transport, clock })
    await dispatcher.enqueue(callbackRequest('a', url, { metadata: websub }))
    expect(await dispatcher.runDue()).toBe(1)
    expect(methods(transport)).toBe('GP')
    expect((await dispatcher.get('a'))?.attempts).toHaveLength(1)
  })
})

describe('WebHook-Allowed-Rate', () => {
  /** Lets time pass in steps, and notes when each delivery was sent, in seconds. */
  async function run(perMinute: string, count: number, seconds: number, targets = [url]) {
    const clock: ManualClock = manualClock()
    const start = clock.now()
    const sentAt: [path: string, seconds: number][] = []
    const transport = fakeTransport((request) => {
      if (request.method === 'OPTIONS') return answered(200, { ...granted, 'webhook-allowed-rate': perMinute })
      sentAt.push([new URL(request.url).pathname, (clock.now() - start) / 1000])
      return answered(200)
    })
    const dispatcher = dispatcherWith({ transport, clock })
    for (let i = 0; i < count; i++) {
      for (const [t, target] of targets.entries())
        await dispatcher.enqueue(callbackRequest(`d${t}-${i}`, target, { metadata: cloudevents }))
    }
    dispatcher.start()
    for (let i = 0; i < seconds * 4; i++) {
      await turns(4)
      clock.advance(250)
    }
    return sentAt
  }

  test('caps the pace of a destination, in the order of enqueueing, and of no other', async () => {
    const other = 'https://a.example/other'
    const sentAt = await run('30', 10, 30, [url, other])
    for (const path of ['/cb', '/other']) {
      const at = sentAt.filter(([one]) => one === path).map(([, seconds]) => seconds)
      expect(at).toHaveLength(10)
      at.forEach((seconds, i) => {
        // One every two seconds; the clock moves in quarters.
        expect(Math.abs(seconds - 2 * i)).toBeLessThanOrEqual(0.75)
      })
    }
  })

  test('a minute has no more of them than it may', async () => {
    const sentAt = (await run('5', 20, 200)).map(([, seconds]) => seconds)
    expect(sentAt).toHaveLength(17)
    for (const from of sentAt) expect(sentAt.filter((at) => at >= from && at < from + 59).length).toBeLessThanOrEqual(5)
  })
})
