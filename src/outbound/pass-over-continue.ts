import type { Socket } from 'node:net'

/** How far the response to the request that is on its way has come. */
export interface ResponseState {
  /** Nothing but interim responses has come. */
  awaitsHead: boolean
  /** Something has come. */
  heard: boolean
}

const beginning = Buffer.from('HTTP/1.1 100')
const one = 0x31
const endOfHead = '\r\n\r\n'
const nothing = Buffer.alloc(0)

/**
 * RFC 9110, 15.2: a client has to parse a 100 (Continue) that it has not asked for, and some servers send one before every response. undici's
 * parser ends the connection there, so that it is taken out of what the parser reads. Also notes whether anything has come at all.
 */
export function passOverContinue(socket: Socket, state: ResponseState, maxHeadBytes: number): void {
  const { read } = socket
  let held: Buffer = nothing
  socket.read = (size) => {
    const chunk: Buffer | null = read.call(socket, size)
    if (chunk === null || !state.awaitsHead) return chunk
    state.heard = true
    // Most responses: nothing before their head, whose status is not 1xx.
    if (held === nothing && chunk.byteLength >= beginning.byteLength && chunk[beginning.byteLength - 3] !== one) {
      state.awaitsHead = false
      return chunk
    }
    held = held.byteLength === 0 ? chunk : Buffer.concat([held, chunk])
    while (held.subarray(0, beginning.byteLength).equals(beginning)) {
      const end = held.indexOf(endOfHead)
      if (end === -1 && held.byteLength <= maxHeadBytes) return null
      if (end === -1) break
      held = held.subarray(end + endOfHead.length)
    }
    if (held.byteLength < beginning.byteLength && beginning.subarray(0, held.byteLength).equals(held)) return null
    const rest = held
    held = nothing
    state.awaitsHead = false
    return rest
  }
}
