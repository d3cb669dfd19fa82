import { connect, constants } from 'node:http2'

/** Posts text, and gives all that comes back in a form that failures can be read in. */
export async function askHttp2(port: number, path: string, body: string): Promise<string> {
  const client = connect(`http://127.0.0.1:${port}`)
  client.on('error', () => {})
  const stream = client.request({ ':method': 'POST', ':path': path, 'content-type': 'text/plain' })
  const seen: string[] = []
  stream.on('response', ({ ':status': status, date: _date, ...fields }) => seen.push(`${status} ${JSON.stringify(fields)}`))
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('end', () => seen.push(Buffer.concat(chunks).toString('latin1'), 'end'))
  stream.on('error', (error: NodeJS.ErrnoException) => seen.push(error.message))
  stream.end(body)
  await new Promise((resolve) => stream.once('close', resolve))
  client.close()
  return seen.join('\n')
}

/** Posts, and resets the stream when it is time. Resolves when the server has seen it. */
export async function resetHttp2(port: number, path: string, time: Promise<void>): Promise<void> {
  const client = connect(`http://127.0.0.1:${port}`)
  client.on('error', () => {})
  const stream = client.request({ ':method': 'POST', ':path': path, 'content-type': 'text/plain' })
  stream.on('error', () => {})
  stream.end('hello')
  await time
  stream.close(constants.NGHTTP2_CANCEL)
  await new Promise((resolve) => stream.once('close', resolve))
  for (let n = 0; n < 3; n++) await new Promise((resolve) => client.ping(resolve))
  client.close()
}
