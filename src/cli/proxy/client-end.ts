import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

const listeners = new WeakMap<Socket, Set<() => void>>()

/** Tells, while a response is open, that its client sends nothing more. Many responses may share a connection. */
export function onClientEnd(socket: Socket, response: ServerResponse, listener: () => void): void {
  const known = listeners.get(socket)
  const all = known ?? new Set()
  all.add(listener)
  response.once('close', () => all.delete(listener))
  if (known !== undefined) return
  listeners.set(socket, all)
  socket.once('end', () => {
    for (const one of all) one()
  })
}
