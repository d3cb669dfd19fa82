import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTransport, publicInternet } from 'ringback/dispatcher'
import { expect, test } from 'vitest'
import { bench } from './support.ts'

test('A-09 what a claim stands for can be a URL: it is downloaded where its host is allowed, and nowhere else', async () => {
  const asked: string[] = []
  const files = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end('the file')
  })
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve))
  const { port } = files.address() as AddressInfo
  const transport = createTransport({ policy: publicInternet({ allow: [`127.0.0.1:${port}`] }) })
  try {
    const { receiver, send } = bench()
    const payloads = new Map([
      ['1b4e28ba-2fa1-41d2-883f-0016d3cca427', { data: { url: `http://127.0.0.1:${port}/file.bin` } }],
      ['1b4e28ba-2fa1-41d2-883f-0016d3cca428', { data: { url: `http://127.0.0.2:${port}/file.bin` } }],
      ['1b4e28ba-2fa1-41d2-883f-0016d3cca429', { data: { url: 'http://169.254.169.254/latest/meta-data' } }],
    ])
    const cb = await receiver.create({
      method: 'GET',
      claimCheck: {
        async fetch(id) {
          const url = payloads.get(id)?.data.url ?? ''
          const { outcome } = await transport.send({ method: 'GET', url, headers: {} })
          return outcome.kind === 'response' ? Buffer.from(outcome.body).toString() : outcome.kind
        },
      },
    })
    for (const id of payloads.keys()) expect((await send(cb, { method: 'GET', tail: `?id=${id}` })).status).toBe(200)
    expect((await cb.take(3)).map(({ body }) => body)).toEqual(['the file', 'refused', 'refused'])
    expect(asked).toEqual(['/file.bin'])
  } finally {
    await transport.close()
    files.close()
  }
})
