import { createDispatcher, createTransport, type Dispatcher, type DispatcherOptions, publicInternet } from 'ringback/dispatcher'
import { describe, expect, test } from 'vitest'
import { fakeTransport } from './support.ts'

describe.each(['concurrency', 'perOriginConcurrency', 'leaseMs'])('%s', (name) => {
  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '4', null])('%j is no whole number from 1', (value) => {
    expect(() => createDispatcher({ [name]: value } as DispatcherOptions)).toThrow(TypeError)
    expect(() => createDispatcher({ [name]: value } as DispatcherOptions)).toThrow(`Expected "${name}" to be a whole number`)
  })

  test('1 is one', () => expect(createDispatcher({ [name]: 1, transport: fakeTransport() }).durable).toBe(false))
})

test.each([0, -1, Number.NaN, '1s'])('pollMs: %j is refused', (pollMs) => {
  expect(() => createDispatcher({ pollMs } as DispatcherOptions)).toThrow('Expected "pollMs" above 0')
})

test('a lease outlives two requests', async () => {
  const slow = createTransport({ totalTimeoutMs: 60_000 })
  expect(() => createDispatcher({ transport: slow })).toThrow(/"leaseMs" to be at least twice .* \(60000 ms\)/)
  expect(createDispatcher({ transport: slow, leaseMs: 120_000 }).durable).toBe(false)
  await slow.close()
  expect(() => createDispatcher({ leaseMs: 29_999 })).toThrow(/"leaseMs" to be at least twice .* \(15000 ms\)/)
  expect(() => createDispatcher({ leaseMs: 29_999, policy: publicInternet() })).toThrow(/\(15000 ms\)/)
  expect(createDispatcher({ leaseMs: 30_000 }).durable).toBe(false)
})

test.each<[what: string, call: (dispatcher: Dispatcher) => Promise<unknown>]>([
  ['stop({ drainMs: NaN })', (d) => d.stop({ drainMs: Number.NaN })],
  ['stop({ drainMs: -5 })', (d) => d.stop({ drainMs: -5 })],
  ['stop({ drainMs: "1s" })', (d) => d.stop({ drainMs: '1s' as never })],
  ['stop({ drainMs: null })', (d) => d.stop({ drainMs: null as never })],
  ['stop({ drain })', (d) => d.stop({ drain: 5 } as never)],
  ['list({ nope })', (d) => d.list({ nope: 1 } as never)],
  ['list({ limit: -1 })', (d) => d.list({ limit: -1 })],
  ['list({ state: 5 })', (d) => d.list({ state: 5 as never })],
  ['destinations.list({ limit: 1.5 })', (d) => d.destinations.list({ limit: 1.5 })],
  ['destinations.list({ limit: Infinity })', (d) => d.destinations.list({ limit: Number.POSITIVE_INFINITY })],
  ['destinations.list({ after: 5 })', (d) => d.destinations.list({ after: 5 as never })],
  ['destinations.list({ before })', (d) => d.destinations.list({ before: 'a' } as never)],
  ['rotateSecret({ overlap })', (d) => d.destinations.rotateSecret('https://a.example/', { overlap: 5 } as never)],
])('%s is refused', async (_what, call) => {
  const dispatcher = createDispatcher({ transport: fakeTransport() })
  await expect(call(dispatcher)).rejects.toThrow(TypeError)
  expect(await dispatcher.destinations.list()).toEqual([])
})

test.each(['garbage', 'hooks.example/cb', 'ftp://hooks.example/', '', undefined, new URL('https://hooks.example/')])(
  'a destination that is no URL text is neither disabled nor made: %j',
  async (url) => {
    const { destinations } = createDispatcher()
    for (const made of [destinations.disable(url as string), destinations.create({ url: url as string })])
      await expect(made).rejects.toThrow(/^Expected a URL such as /)
    expect(await destinations.list()).toEqual([])
  },
)
