import { createDispatcher, memoryStore, retrySchedule, shortSchedule, standardSchedule } from 'ringback/dispatcher'
import { describe, expect, test } from 'vitest'
import { answered, callbackRequest, fakeTransport, manualClock, turns } from './support.ts'

const middle = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0).with(0, 128)
const least = (bytes: number): Uint8Array => new Uint8Array(bytes)
const most = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(255)
const hour = 3_600_000

describe('retrySchedule', () => {
  test('takes milliseconds and text', () => {
    const schedule = retrySchedule([0, 5, '250ms', '1.5s', '30m', '2h', '1d'], { jitter: 0 })
    expect(Array.from({ length: 9 }, (_, n) => schedule.delayMs(n, least))).toEqual([
      undefined,
      ...[0, 5, 250, 1500, 1_800_000, 7_200_000, 86_400_000],
      undefined,
    ])
    expect(schedule.attempts).toBe(7)
  })

  test('jitter moves each wait by at most its part', () => {
    const schedule = retrySchedule([0, '10s'])
    expect([least, middle, most].map((random) => schedule.delayMs(2, random))).toEqual([8000, 10_000, 12_000])
    expect(schedule.delayMs(1, most)).toBe(0)
  })

  test.each([[[]], [['5']], [['5 s']], [['-5s']], [[-1]], [[Number.NaN]], [[Number.POSITIVE_INFINITY]], [['']]])(
    '%j is refused',
    (waits) => {
      expect(() => retrySchedule(waits)).toThrow(TypeError)
    },
  )

  test.each([-0.1, 1, Number.NaN])('jitter of %d is refused', (jitter) =>
    expect(() => retrySchedule([0], { jitter })).toThrow(TypeError),
  )
})

test('the standard schedule makes 10 attempts over 75 h 35 min 5 s; the other makes 3 over 6 s', () => {
  const total = (schedule: typeof standardSchedule): number =>
    Array.from({ length: schedule.attempts }, (_, i) => schedule.delayMs(i + 1, middle) ?? 0).reduce((sum, wait) => sum + wait, 0)
  expect([standardSchedule.attempts, total(standardSchedule)]).toEqual([10, 75 * hour + 35 * 60_000 + 5000])
  expect([shortSchedule.attempts, total(shortSchedule)]).toEqual([3, 6000])
})

describe('in virtual time', () => {
  test.each([
    ['in the middle', middle, 1],
    ['early', least, 0.8],
    ['late', most, 1.2],
  ])('75 hours of a receiver that is down: %s', async (_name, random, factor) => {
    const clock = manualClock()
    const startedAt = clock.now()
    const times: number[] = []
    const transport = fakeTransport(() => {
      times.push(clock.now() - startedAt)
      return answered(500)
    })
    const store = memoryStore()
    const dispatcher = createDispatcher({ store, transport, clock, random, retry: standardSchedule })
    await dispatcher.enqueue(callbackRequest('a', 'https://a.example/cb'))

    expect(await dispatcher.runDue()).toBe(1)
    for (let next = await store.nextWakeAt(); next !== undefined; next = await store.nextWakeAt()) {
      clock.advance(next - clock.now() - 1)
      expect(await dispatcher.runDue()).toBe(0)
      clock.advance(1)
      expect(await dispatcher.runDue()).toBe(1)
    }

    const waits = [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
    const planned = waits.map((_, i) => waits.slice(0, i + 1).reduce((sum, wait) => sum + wait * 1000 * factor, 0))
    for (const [i, time] of times.entries()) expect(Math.abs(time - (planned[i] ?? 0))).toBeLessThan(100)
    expect(times).toHaveLength(10)
    const record = await dispatcher.get('a')
    expect(record?.delivery).toMatchObject({ state: 'dead', reason: 'exhausted', attempts: 10 })
    expect(record?.attempts.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(record?.attempts.at(-1)).not.toHaveProperty('nextAt')
    clock.advance(1000 * hour)
    expect(await dispatcher.runDue()).toBe(0)
  })

  test('a started dispatcher sleeps from one attempt to the next', async () => {
    const clock = manualClock()
    const transport = fakeTransport((_request, n) => answered(n < 4 ? 500 : 200))
    const dispatcher = createDispatcher({ transport, clock, random: middle, retry: retrySchedule([0, '5m', '5h', '1d']) })
    const startedAt = clock.now()
    const seen: number[] = []
    dispatcher.on('attempt:end', ({ attempt }) => seen.push(attempt.startedAt - startedAt))
    dispatcher.start()
    await dispatcher.enqueue(callbackRequest('a', 'https://a.example/cb'))
    let wakes = 0
    for (; seen.length < 4; wakes++) {
      // It has gone to sleep when there is nothing left to run but timers.
      await turns()
      const at = clock.nextTimerAt()
      if (at === undefined) break
      clock.advance(at - clock.now())
    }
    await turns()
    expect(seen).toEqual([0, 300_000, 18_300_000, 104_700_000])
    expect(wakes).toBeLessThan(10)
    expect((await dispatcher.get('a'))?.delivery.state).toBe('delivered')
    await dispatcher.stop()
    expect(clock.nextTimerAt()).toBeUndefined()
  })

  test('Retry-After is a floor, not a ceiling', async () => {
    const clock = manualClock()
    const transport = fakeTransport((_request, n) => answered(429, { 'retry-after': n === 1 ? '7200' : '1' }))
    const dispatcher = createDispatcher({ transport, clock, random: middle, retry: retrySchedule([0, '10s', '1h']) })
    await dispatcher.enqueue(callbackRequest('a', 'https://a.example/cb'))
    const due = async (): Promise<number> => ((await dispatcher.get('a'))?.delivery.dueAt ?? 0) - clock.now()
    await dispatcher.runDue()
    expect(await due()).toBe(7_200_000)
    clock.advance(7_200_000)
    await dispatcher.runDue()
    expect(await due()).toBe(3_600_000)
  })
})
