import { createDispatcher, publicInternet, retrySchedule, standardWebhooks } from 'ringback/dispatcher'
import { afterEach, describe, expect, test } from 'vitest'
import { callbackRequest, type TestReceiver, testReceiver, when } from './support.ts'

const key = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const policy = publicInternet({ devLoopback: true })
const cleanUp: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

async function receiver(...parameters: Parameters<typeof testReceiver>): Promise<TestReceiver> {
  const made = await testReceiver(...parameters)
  cleanUp.push(() => made.close())
  return made
}

describe('from enqueue to delivered, over a real socket', () => {
  test('a 503 is retried with the same id and bytes, signed anew, until a 204', async () => {
    const server = await receiver((response, n) => response.writeHead(n < 3 ? 503 : 204).end('busy'))
    const signer = standardWebhooks({ keys: [key] })
    const dispatcher = createDispatcher({ policy, signer, retry: retrySchedule([0, 1, 1]) })
    cleanUp.push(() => dispatcher.stop())
    const delivered = when(dispatcher, 'delivered')

    expect(await dispatcher.enqueue(callbackRequest('a', `${server.url}/cb?x=1`))).toEqual({ id: 'a', isNew: true })
    dispatcher.start()
    const { delivery, attempt } = await delivered

    expect(delivery).toMatchObject({ id: 'a', state: 'delivered', attempts: 3 })
    expect(attempt).toMatchObject({ n: 3, sent: 'yes', outcome: { kind: 'response', status: 204 }, remoteAddress: '127.0.0.1' })
    expect(server.seen.map(({ method, url, headers }) => [method, url, headers['webhook-id']])).toEqual(
      Array.from({ length: 3 }, () => ['POST', '/cb?x=1', 'a']),
    )
    for (const { headers, body } of server.seen) {
      expect(signer.verify({ headers, body }, Date.now())).toMatchObject({ ok: true, value: { id: 'a' } })
      expect(body.toString()).toBe('{"id":"a"}')
    }
    const attempts = (await dispatcher.get('a'))?.attempts ?? []
    expect(attempts.map(({ n, outcome }) => [n, outcome.kind === 'response' && outcome.status])).toEqual([
      [1, 503],
      [2, 503],
      [3, 204],
    ])
  })
})
