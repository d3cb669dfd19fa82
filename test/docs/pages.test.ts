import { readFileSync } from 'node:fs'
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
