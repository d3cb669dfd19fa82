import { createDispatcher, type DispatcherOptions } from 'ringback/dispatcher'
import { describe, expect, test } from 'vitest'
import { manualClock } from '../support/manual-clock.ts'
import { callbackRequest, fakeTransport, turns } from './support.ts'

const never = new Promise<never>(() => {})
const withCredentials = { metadata: { credentials: [{ name: 'n', kind: 'bearer' }] } }

describe.each<[what: string, options: DispatcherOptions, code: string]>([
  ['credentials', { credentials: () => never }, 'ERR_CREDENTIALS_FAILED'],
  ['a signer', { signer: () => never }, 'ERR_SIGNER_FAILED'],
])('%s that never come', (_what, options, code) => {
  test('free their slots after 10 seconds, use up no attempt, and hold up nobody for good', async () => {
    const clock = manualClock()
    const transport = fakeTransport()
    const dispatcher = createDispatcher({ clock, transport, concurrency: 4, perOriginConcurrency: 4, ...options })
    const codes: unknown[] = []
    dispatcher.on('attempt:end', ({ attempt: { outcome }, recorded }) => {
      codes.push([outcome.kind === 'failed' && outcome.code, recorded])
    })
    dispatcher.start()
    for (const id of ['a', 'b', 'c', 'd']) await dispatcher.enqueue(callbackRequest(id, 'https://a.example', withCredentials))
    await turns()
    await clock.advance(9999)
    await turns()
    expect(codes).toEqual([])
    await clock.advance(1)
    await turns()
    expect(codes).toEqual(Array.from({ length: 4 }, () => [code, false]))
    expect(await dispatcher.list()).toMatchObject(Array.from({ length: 4 }, () => ({ state: 'pending', attempts: 0 })))
    expect(transport.sent).toEqual([])
    await dispatcher.stop({ drainMs: 0 })
  })
})
