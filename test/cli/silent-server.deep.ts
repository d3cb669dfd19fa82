import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { runCommand } from './run-command.ts'

// Deep for the ten seconds that it waits.
test('a PostgreSQL server that accepts and says nothing is given up', async () => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => sockets.add(socket.on('error', () => {})))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const ran = await runCommand(['deliveries', 'list', '--store', `postgres://u@127.0.0.1:${port}/db`])
  for (const socket of sockets) socket.destroy()
  server.close()
  expect([ran.exitCode, ran.stdout]).toEqual([2, ''])
  expect(ran.stderr).toMatch(/timeout/i)
})
