import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

interface Hold {
  count: number
}

const holds = new WeakMap<Socket, Hold>()

/**
 * Keeps what is written to a response in the buffer of its socket, until the answer is called. The response itself goes on as ever: its head is
 * made, it has ended, its callbacks are called in their order, and the bytes are the same ones.
 */
export function holdBack(response: ServerResponse): () => void {
  let isOver = false
  let release = noop
  if (response.socket !== null) release = holdSocket(response.socket)
  else {
    // It waits behind the answer to an earlier request on the same connection.
    response.once('socket', (socket) => {
      if (!isOver) release = holdSocket(socket)
    })
  }
  return () => {
    isOver = true
    release()
    release = noop
  }
}

function holdSocket(socket: Socket): () => void {
  const known = holds.get(socket)
  const hold = known ?? { count: 0 }
  hold.count++
  if (known === undefined) {
    holds.set(socket, hold)
    socket.cork()
    // OutgoingMessage.end uncorks its socket whoever has corked it, and so does the end of a tick in which something was written.
    socket.uncork = () => {
      if (socket.writableCorked > 1) prototypeOf(socket).uncork.call(socket)
    }
  }
  return () => {
    if (--hold.count > 0) return
    holds.delete(socket)
    Reflect.deleteProperty(socket, 'uncork')
    while (socket.writableCorked > 0) socket.uncork()
  }
}

function prototypeOf(socket: Socket): Socket {
  return Object.getPrototypeOf(socket) as Socket
}

function noop(): void {}
