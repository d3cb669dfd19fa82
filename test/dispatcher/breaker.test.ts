import {
  createDispatcher,
  type Dispatcher,
  type DispatcherOptions,
  memoryStore,
  retrySchedule,
  type SendReport,
} from 'ringback/dispatcher'
import { createTestDispatcher } from 'ringback/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { createBreakers } from '../../src/dispatcher/breaker.ts'
import { manualClock } from '../support/manual-clock.ts'
import { answered, callbackRequest, fakeTransport, turns } from './support.ts'

const failed = (
  phase: SendReport['phase'],
  cause: Extract<SendReport['outcome'], { kind: 'failed' }>['cause'],
  code: string,
): SendReport => ({
  outcome: { kind: 'failed', cause, code, message: '' },
  phase,
  sent: 'no',
  reusedConnection: false,
  timings: { total: 1 },
})
const running: Dispatcher[] = []
afterEach(async () => {
  for (const dispatcher of running.splice(0)) await dispatcher.stop({ drainMs: 0 })
})

function dispatcherWith(options: DispatcherOptions): Dispatcher {
  const dispatcher = createDispatcher({ random: (n) => new Uint8Array(n).fill(128), ...options })
  running.push(dispatcher)
  return dispatcher
}

describe('the breaker of an origin', () => {
  const outcome = (status: number) => ({ kind: 'response', status, headers: {}, body: new Uint8Array(0) }) as const
  const origin = 'https://a.example'

  test.each([
    ['9 failures', 9, 0, 'closed'],
    ['10 failures', 10, 0, 'open'],
    ['7 of 10', 7, 3, 'open'],
    ['6 of 10', 6, 4, 'closed'],
    ['70 of 100', 70, 30, 'open'],
  ])('%s', (_name, failures, successes, kind) => {
    const breakers = createBreakers()
    for (let i = 0; i < successes; i++) breakers.record(origin, outcome(200), 0)
    for (let i = 0; i < failures; i++) breakers.record(origin, outcome(500), 0)
    expect(breakers.stateOf(origin, 0).kind).toBe(kind)
    expect(breakers.stateOf('https://b.example', 0).kind).toBe('closed')
  })

  test.each([
    [outcome(503), true],
    [outcome(429), true],
    [outcome(404), false],
    [outcome(308), false],
    [{ kind: 'failed', cause: 'timeout', code: '', message: '' } as const, true],
    [{ kind: 'failed', cause: 'local', code: '', message: '' } as const, false],
    [{ kind: 'failed', cause: 'aborted', code: '', message: '' } as const, false],
    [{ kind: 'unknown' } as const, false],
    [{ kind: 'refused', rule: 'port', message: '', detail: '' } as const, false],
  ])('%o counts against the origin: %s', (one, opens) => {
    const breakers = createBreakers()
    for (let i = 0; i < 10; i++) breakers.record(origin, one, 0)
    expect(breakers.stateOf(origin, 0).kind === 'open').toBe(opens)
  })

  test('looks back five minutes', () => {
    const breakers = createBreakers()
    for (let i = 0; i < 9; i++) breakers.record(origin, outcome(500), i * 30_000)
    expect(breakers.record(origin, outcome(500), 9 * 30_000 + 60_000)).toBeUndefined()
    expect(breakers.stateOf(origin, 330_000).kind).toBe('closed')
  })

  test('open for 30 s, then half open; one success closes it, one failure opens it again', () => {
    const breakers = createBreakers()
    const open = (now: number): void => {
      for (let i = 0; i < 10; i++) breakers.record(origin, outcome(500), now)
    }
    open(0)
    expect(breakers.stateOf(origin, 29_999)).toEqual({ kind: 'open', until: 30_000 })
    // Begun before it opened.
    expect(breakers.record(origin, outcome(200), 100)).toBeUndefined()
    expect(breakers.stateOf(origin, 30_000).kind).toBe('half-open')
    expect(breakers.halfOpen(30_000)).toEqual([origin])
    expect(breakers.record(origin, outcome(500), 30_000)).toEqual({ kind: 'open', until: 60_000 })
    expect(breakers.record(origin, outcome(204), 60_000)).toEqual({ kind: 'closed' })
    // What was before is forgotten.
    expect(breakers.record(origin, outcome(500), 60_000)).toBeUndefined()
    expect(breakers.halfOpen(99_000)).toEqual([])
  })
})

test("a host that is down uses up nobody's attempts, and is asked once in 30 s until it is back", async () => {
  const clock = manualClock()
  const startedAt = clock.now()
  let isDown = true
  const sentAt: number[] = []
  const transport = fakeTransport((request) => {
    if (!request.url.includes('down')) return answered(200)
    sentAt.push(clock.now() - startedAt)
    return isDown ? failed('connect', 'connect', 'ECONNREFUSED') : answered(200)
  })
  const store = memoryStore()
  const dispatcher = dispatcherWith({ store, clock, transport, retry: retrySchedule([0, '10m', '10m']) })
  const changes: string[] = []
  dispatcher.on('breaker', ({ origin, state }) => changes.push(`${origin} ${state.kind}`))
  for (let i = 0; i < 40; i++) await dispatcher.enqueue(callbackRequest(`d${i}`, 'https://down.example/cb'))
  dispatcher.start()
  await turns()
  // Ten, and those that were on their way.
  const first = sentAt.length
  expect(first).toBeGreaterThanOrEqual(10)
  expect(first).toBeLessThan(10 + 4)
  expect(changes).toEqual(['https://down.example open'])
  await dispatcher.enqueue(callbackRequest('healthy', 'https://up.example/cb'))
  await turns()
  expect((await dispatcher.get('healthy'))?.delivery.state).toBe('delivered')
  await clock.advance(29_999)
  await turns()
  expect(sentAt).toHaveLength(first)
  for (let probe = 1; probe <= 5; probe++) {
    await clock.advance(probe === 1 ? 1 : 30_000)
    await turns()
    expect([probe, sentAt.length]).toEqual([probe, first + probe])
  }
  isDown = false
  await clock.advance(30_000)
  await turns(60)
  const all = await dispatcher.list()
  expect(changes.at(-1)).toBe('https://down.example closed')
  // Those that were tried wait for their schedule; all the others went out at once, with their first attempt.
  expect(all.filter(({ state }) => state === 'delivered')).toHaveLength(41 - first - 5)
  expect(all.every(({ attempts }) => attempts <= 1)).toBe(true)
})

test('two that wait behind a half-open breaker go one after the other', async () => {
  const clock = manualClock()
  let under = 0
  let most = 0
  const answers: (() => void)[] = []
  let isDown = true
  const transport = fakeTransport(async () => {
    if (isDown) return answered(500)
    most = Math.max(most, ++under)
    await new Promise<void>((resolve) => answers.push(resolve))
    under--
    return answered(500)
  })
  const dispatcher = dispatcherWith({ clock, transport, retry: retrySchedule([0, '10m']) })
  for (let i = 0; i < 30; i++) await dispatcher.enqueue(callbackRequest(`d${i}`, 'https://down.example/cb'))
  dispatcher.start()
  await turns()
  isDown = false
  for (let probe = 1; probe <= 3; probe++) {
    await clock.advance(30_000)
    await turns()
    expect(answers).toHaveLength(probe)
    answers.at(-1)?.()
    await turns()
  }
  expect(most).toBe(1)
})

describe('trouble of our own', () => {
  const deliverAll = async (report: SendReport, hosts: number) => {
    const clock = manualClock()
    const dispatcher = dispatcherWith({ clock, transport: fakeTransport(() => report), breaker: false })
    for (let i = 0; i < hosts; i++) await dispatcher.enqueue(callbackRequest(`d${i}`, `https://h${i}.example/cb`))
    await dispatcher.runDue()
    const attempts = (await dispatcher.list()).reduce((sum, delivery) => sum + delivery.attempts, 0)
    return { attempts, clock, dispatcher }
  }

  test.each([
    ['no file descriptors', failed('connect', 'connect', 'EMFILE'), 5, 0],
    ['the resolver is away, for everybody', failed('dns', 'dns', 'EAI_AGAIN'), 5, 2],
    ['the resolver is silent, for everybody', failed('dns', 'timeout', 'ETIMEDOUT'), 5, 2],
    ['the resolver is away, for two', failed('dns', 'dns', 'EAI_AGAIN'), 2, 2],
    ['the network is away', failed('connect', 'connect', 'ENETUNREACH'), 5, 2],
    ['no such names', failed('dns', 'dns', 'ENOTFOUND'), 5, 5],
    ['nobody listens', failed('connect', 'connect', 'ECONNREFUSED'), 5, 5],
  ])('%s', async (_name, report, hosts, attempts) => {
    expect((await deliverAll(report, hosts)).attempts).toBe(attempts)
  })

  test('names of somebody that never resolve are taken for it for an hour, not for ever', async () => {
    await using dispatcher = createTestDispatcher({
      respond: { failure: 'dns', code: 'EAI_AGAIN' },
      retry: retrySchedule([0, '1m', '1m']),
    })
    for (const id of ['a', 'b', 'c']) await dispatcher.enqueue(callbackRequest(id, `https://${id}.example/cb`))
    await dispatcher.advance('59m')
    expect((await dispatcher.stats()).counts).toMatchObject({ pending: 3, dead: 0 })
    await dispatcher.advance('10m')
    expect((await dispatcher.stats()).counts).toMatchObject({ pending: 0, dead: 3 })
  })

  test('an answer from anybody shows that it is not ours', async () => {
    const transport = fakeTransport((_request, n) => (n % 2 === 0 ? answered(200) : failed('dns', 'dns', 'EAI_AGAIN')))
    const dispatcher = dispatcherWith({ clock: manualClock(), transport, concurrency: 1 })
    for (let i = 0; i < 10; i++) await dispatcher.enqueue(callbackRequest(`d${i}`, `https://h${i}.example/cb`))
    await dispatcher.runDue()
    expect((await dispatcher.list()).map(({ attempts }) => attempts)).toEqual(Array.from({ length: 10 }, () => 1))
  })
})

test('a quarter of the slots is for first tries: retries that hang do not hold up what is new', async () => {
  const clock = manualClock()
  const hanging: string[] = []
  let hangs = false
  const transport = fakeTransport((request) => {
    if (!request.url.includes('dead')) return answered(200)
    if (!hangs) return answered(404)
    hanging.push(request.url)
    return new Promise<SendReport>(() => {})
  })
  const dispatcher = dispatcherWith({ clock, transport, concurrency: 8, retry: retrySchedule([0, '1s', '1s']) })
  dispatcher.start()
  for (let i = 0; i < 100; i++) await dispatcher.enqueue(callbackRequest(`d${i}`, `https://dead${i}.example/cb`))
  await turns(60)
  hangs = true
  await clock.advance(2000)
  await turns()
  expect(hanging).toHaveLength(6)
  const delivered: string[] = []
  dispatcher.on('delivered', ({ delivery }) => delivered.push(delivery.id))
  for (let i = 0; i < 20; i++) await dispatcher.enqueue(callbackRequest(`new${i}`, `https://up${i}.example/cb`))
  await turns()
  expect(delivered).toEqual(Array.from({ length: 20 }, (_, i) => `new${i}`))
  expect(hanging).toHaveLength(6)
})
