import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Call, createReceiver } from 'ringback/receiver'
import { expect } from 'vitest'
import type { ExampleRunner } from './example-process.ts'

/** The examples for other frameworks than Express: the same shop. */
export const others: readonly string[] = ['fastify', 'fetch', 'hono', 'koa', 'node']

const auth = { type: 'standard-webhooks', secret: 'whsec_c2hvcC1leGFtcGxlLXNlY3JldC1vZi0zMi1ieXRlcyE=' } as const

/** What every server of the shop does: it calls back at once, and after it was killed and started again. */
export async function expectShop(runner: ExampleRunner, file: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
  const receiver = createReceiver({ baseUrl: 'http://127.0.0.1:0' })
  await receiver.listen()
  const endpoint = await receiver.create({ subPaths: true, auth, slots: 100 })
  try {
    let server = await runner.start(file, '0', folder)
    const post = (path: string, body: string): Promise<Response> =>
      fetch(`${server.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })

    // Neither is followed by callbacks: no success, and nobody to call.
    expect((await post('/orders', JSON.stringify({ callbackUrl: endpoint.url }))).status).toBe(400)
    const silent = await post('/orders', JSON.stringify({ item: 'silence' }))
    expect(silent.status).toBe(201)
    expect((await post('/orders/none/shipment', '{}')).status).toBe(404)
    expect((await fetch(`${server.url}/elsewhere`)).status).toBe(404)

    const answer = await post('/orders', JSON.stringify({ item: 'tea', callbackUrl: endpoint.url }))
    const order = (await answer.json()) as { readonly id: string }
    expect([answer.status, order]).toEqual([201, { id: expect.any(String), item: 'tea', state: 'accepted' }])
    const atOnce = [await endpoint.next({ timeout: '10s' }), await endpoint.next({ timeout: '10s' })]
    expect(atOnce.map(told).sort(byPath)).toEqual([
      [`/accepted/${order.id}`, order],
      ['/invoiced', { order: order.id, invoice: '1 × tea' }],
    ])

    await server.kill()
    server = await runner.start(file, '0', folder)
    const { id: silentId } = (await silent.json()) as { readonly id: string }
    expect((await post(`/orders/${silentId}/shipment`, '{}')).status).toBe(204)
    expect((await post(`/orders/${order.id}/shipment`, '{}')).status).toBe(204)
    expect(told(await endpoint.next({ timeout: '10s' }))).toEqual(['/shipped', { ...order, state: 'shipped' }])
    expect([(await endpoint.calls()).length, await endpoint.rejections()]).toEqual([3, []])
    await server.stop()
  } finally {
    await receiver[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  }
}

function told({ subPath, body }: Call): [path: string, body: unknown] {
  return [subPath, body]
}

function byPath([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : 1
}
