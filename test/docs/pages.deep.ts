import { readFileSync } from 'node:fs'
import { type Signer, standardWebhooks } from 'ringback/dispatcher'
import { createTestReceiver } from 'ringback/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { runCommand } from '../cli/run-command.ts'
import { type Doors, packageDoors } from '../support/doors.ts'
import { blockWith, type Desk, desk, freePort, onLoopback, programWith } from './program.ts'

let doors: Doors
let reader: Desk
beforeAll(async () => {
  doors = await packageDoors()
})
beforeEach(() => {
  reader = desk(doors)
  reader.save('openapi.yaml', blockWith('docs/getting-started.md', 'openapi: 3.1.0'))
})
afterEach(() => reader.clear())
afterAll(() => doors.remove())

test('readme: the first example works when it is pasted', async () => {
  reader.save('first.mjs', blockWith('README.md', 'parseDescription'))
  expect(await reader.run('first.mjs').output).toBe("POST /orders/a%2F7 { state: 'shipped' }\n")
})

test('readme: the server calls back, what is enqueued is stored, and virtual time runs out of attempts', async () => {
  const port = String(await freePort())
  reader.save('server.mjs', onLoopback(blockWith('README.md', 'expressCallbacks')).replaceAll('3000', port))
  await reader.run('server.mjs').line('openapi.yaml')
  await using receiver = await createTestReceiver()
  const endpoint = await receiver.create()
  const headers = { 'content-type': 'application/json' }
  const order = (): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/orders`, { method: 'POST', headers, body: JSON.stringify({ callbackUrl: endpoint.url }) })
  await expect
    .poll(() =>
      order().then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(201)
  expect((await endpoint.next({ timeout: '20s' })).body).toEqual({ id: '7', state: 'accepted' })

  reader.save('time.mjs', blockWith('README.md', 'createTestDispatcher'))
  expect(await reader.run('time.mjs').output).toBe('10 exhausted\n')
})

test('getting started: both callbacks arrive, the one of the route and the one days later', async () => {
  const port = String(await freePort())
  const saved = (name: string, text: string): void =>
    reader.save(name, blockWith('docs/getting-started.md', text).replaceAll('3000', port))
  saved('server.mjs', 'app.listen(3000')
  saved('ship.mjs', "state: 'shipped'")
  saved('orders.test.mjs', 'expectCallback(')
  saved('receive.mjs', 'endpoint.next(')

  const server = reader.run('server.mjs')
  await server.line('listening on')
  expect(await reader.run('--test', 'orders.test.mjs').output).toMatch(/# pass 1\b/)

  // A block of another page goes to the same server. Node 20 does not know `await using`.
  const driven = blockWith('docs/receiving.md', 'injectCallbackUrl(').replaceAll('3000', port).replace('await using', 'const')
  reader.save('driven.mjs', `${driven}\nawait receiver.close()`)
  expect(await reader.run('driven.mjs').output).toMatch(/^undefined \[\] \{ state: 'accepted', id: '\w+' \}\n$/)

  const receiver = reader.run('receive.mjs')
  const callbackUrl = (await receiver.line('hand this out:')).split(' ').at(-1)
  const answer = await fetch(`http://127.0.0.1:${port}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ callbackUrl }),
  })
  const { id } = (await answer.json()) as { readonly id: string }
  expect(JSON.parse(await receiver.line('accepted'))).toEqual({ id, state: 'accepted' })

  expect(await reader.run('ship.mjs', id).output).toBe('stored\n')
  expect(JSON.parse(await receiver.line('shipped'))).toEqual({ id, state: 'shipped' })
  await receiver.output
  expect(await reader.run('ship.mjs', id).output).toBe('was stored before\n')
})

test('callbacks: the first block plans a request, and the exchange is one that the commands take', async () => {
  reader.save('plan.mjs', blockWith('docs/callbacks.md', 'isOrdinarySkip('))
  expect(await reader.run('plan.mjs').output).toMatch(/^cb_[\w-]+ POST https:\/\/client\.example\/cb /)

  reader.save('exchange.json', blockWith('docs/callbacks.md', '"callbackUrl"'))
  const [document, exchange] = [`${reader.folder}/openapi.yaml`, `${reader.folder}/exchange.json`]
  const planned = await runCommand(['plan', document, '--operation', 'createOrder', '--exchange', exchange, '--example'])
  expect([planned.exitCode, planned.stdout]).toEqual([0, expect.stringContaining('POST https://client.example/cb\n')])
  const key = '{$request.body#/callbackUrl}/{$request.query.channel}/{$response.header.location}/{$response.body#/id}'
  const explained = await runCommand(['explain', key, '--exchange', exchange])
  expect([explained.exitCode, explained.stdout]).toEqual([
    0,
    expect.stringContaining('= "https://client.example/cb/shop/%2Forders%2F7/7"'),
  ])
})

test('middleware: its blocks are one server, which calls back by a handler, by send, and by fire', async () => {
  const port = String(await freePort())
  reader.save('openapi.yaml', readFileSync('examples/shop/openapi.yaml', 'utf8'))
  const server = onLoopback(programWith('docs/middleware.md', "import express from 'express'")).replaceAll('3000', port)
  reader.save('server.mjs', `${server}\nconsole.log('started')`)
  await reader.run('server.mjs').line('started')

  await using receiver = await createTestReceiver()
  const endpoint = await receiver.create({ subPaths: true })
  const post = (path: string, body: object): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  expect((await post('/orders', { item: 'tea', callbackUrl: endpoint.url })).status).toBe(201)
  const atOnce = await endpoint.take(2, { timeout: '20s' })
  expect(atOnce.map(({ subPath }) => subPath).sort()).toEqual(['/accepted/o1', '/invoiced'])
  expect((await post('/orders/o1/shipment', {})).status).toBe(204)
  const later = await endpoint.take(2, { timeout: '20s' })
  expect(later.map(({ body }) => body)).toEqual(Array(2).fill({ id: 'o1', item: 'tea', state: 'shipped' }))
  expect(later.filter(({ headers }) => headers.get('webhook-id') === 'o1-parcel-2').length).toBe(1)
})

test('signing: a signature holds on the other side, and only by its key', async () => {
  const [express, node] = [String(await freePort()), String(await freePort())]
  reader.save('express.mjs', `${blockWith('docs/signing.md', 'express.raw')}\nconsole.log('started')`.replace('4000', express))
  reader.save('node.mjs', `${blockWith('docs/signing.md', 'buffer(request)')}\nconsole.log('started')`.replace('4001', node))
  reader.save('by-hand.mjs', blockWith('docs/signing.md', 'isSigned('))
  reader.save('rotation.mjs', blockWith('docs/signing.md', 'oldKey'))
  const servers = [reader.run('express.mjs'), reader.run('node.mjs')]
  for (const server of servers) await server.line('started')

  const { signer } = (await import(`${reader.folder}/rotation.mjs`)) as { readonly signer: Signer }
  const { isSigned } = (await import(`${reader.folder}/by-hand.mjs`)) as {
    isSigned(headers: object, body: Uint8Array, secret: string): boolean
  }
  const body = new TextEncoder().encode('{"state":"shipped"}')
  const [newKey = '', oldKey = ''] = blockWith('docs/signing.md', 'oldKey').match(/whsec_[\w+/=]+/g) ?? []
  const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const ask = async (port: string, by: Signer): Promise<number> => {
    const url = `http://127.0.0.1:${port}/cb`
    const request = { id: 'o1', at: Date.now(), method: 'POST', targetUri: url, headers: {}, body }
    const headers = by.sign(request) as Record<string, string>
    expect([newKey, oldKey, other].map((key) => isSigned(headers, body, key))).toEqual(
      by === signer ? [true, true, false] : [false, false, true],
    )
    return (await fetch(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body })).status
  }
  for (const port of [express, node]) {
    expect(await ask(port, standardWebhooks({ keys: [other] }))).toBe(401)
    expect(await ask(port, signer)).toBe(204)
  }
  for (const server of servers) expect(await server.line('o1')).toBe("o1 { state: 'shipped' }")

  reader.save('destinations.mjs', blockWith('docs/signing.md', 'destinations.create'))
  expect((await reader.run('destinations.mjs').output).split('\n').slice(0, 3)).toEqual([
    expect.stringMatching(/^whsec_/),
    expect.stringMatching(/^whsec_/),
    expect.stringMatching(/^https:\/\/client\.example\/cb true \[ undefined, \d+ \]$/),
  ])
})
