import { connect, type Socket } from 'node:net'

export interface Load {
  readonly port: number
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
  readonly status: number
  readonly ms: number
}

const connections = 16
const crlf2 = Buffer.from('\r\n\r\n')

/** Takes orders from the parent until it ends. */
export function serveLoad(): void {
  process.on('message', async (load: Load) => process.send?.({ answers: await run(load) }))
  process.send?.({ port: 0 })
}

/**
 * How many answers came in the time. It writes the same bytes again and again and only counts what comes back, so that the server is what is
 * measured, and not the client.
 */
async function run({ port, method, path, body = '', status, ms }: Load): Promise<number> {
  const fields = body === '' ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`
  const request = Buffer.from(`${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${fields}\r\n${body}`)
  const expected = Buffer.from(`HTTP/1.1 ${status} `)
  let answers = 0
  const end = performance.now() + ms
  const lane = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
      let rest: Buffer = Buffer.alloc(0)
      socket.on('error', reject)
      socket.on('close', () => resolve())
      socket.on('connect', () => socket.write(request))
      socket.on('data', (chunk) => {
        rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
        const length = lengthOf(rest)
        if (length === undefined || rest.length < length) return
        if (rest.compare(expected, 0, expected.length, 0, expected.length) !== 0) {
          socket.destroy(new Error(`Expected ${status} but found ${rest.subarray(0, 200).toString('latin1')}`))
          return
        }
        rest = rest.subarray(length)
        if (performance.now() >= end) socket.destroy()
        else {
          answers++
          socket.write(request)
        }
      })
    })
  // It never sleeps: to wake it up would be work of the server, and most of it for the one that is slower.
  let isOver = false
  const stayAwake = (): void => {
    if (!isOver) setImmediate(stayAwake)
  }
  stayAwake()
  await Promise.all(Array.from({ length: connections }, lane))
  isOver = true
  return answers
}

/** Of the first answer in a buffer, head and all; `undefined` while that cannot be told. */
function lengthOf(bytes: Buffer): number | undefined {
  const headEnd = bytes.indexOf(crlf2)
  if (headEnd === -1) return undefined
  const head = bytes.toString('latin1', 0, headEnd).toLowerCase()
  const [, length] = /\r\ncontent-length: (\d+)/.exec(head) ?? []
  if (length !== undefined) return headEnd + 4 + Number(length)
  const last = bytes.indexOf('\r\n0\r\n\r\n', headEnd)
  return last === -1 ? undefined : last + 7
}
