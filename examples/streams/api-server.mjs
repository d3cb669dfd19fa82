// The API server of the example: answers POST /streams, and calls back as openapi.yaml says.
// It prints what happens as lines of JSON. Usage: node api-server.mjs PORT STORE.sqlite
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { buildCallbackRequest, explain, matchOperation, readDescription, resolveCallbacks } from 'ringback'
import { createDispatcher, publicInternet, retrySchedule, sqliteStore, standardWebhooks } from 'ringback/dispatcher'

const [port = '0', storePath = 'deliveries.sqlite'] = process.argv.slice(2)
/** @param {string} event @param {object} data */
const tell = (event, data) => console.log(JSON.stringify({ event, ...data }))

const description = await readDescription(fileURLToPath(new URL('openapi.yaml', import.meta.url)))
const store = sqliteStore({ path: storePath })
const dispatcher = createDispatcher({
  store,
  // Everything here is on loopback, which the policy refuses unless told otherwise.
  policy: publicInternet({ devLoopback: true }),
  signer: standardWebhooks({ keys: ['whsec_c3RyZWFtcy1leGFtcGxlLXNlY3JldC0zMi1ieXRlcyE='] }),
  retry: retrySchedule([0, '500ms', '2s', '5s']),
})
dispatcher.on('attempt:end', ({ delivery, attempt }) => {
  const { outcome } = attempt
  tell('attempt', {
    id: delivery.id,
    callback: delivery.metadata.callback,
    url: delivery.request.url,
    n: attempt.n,
    result: outcome.kind === 'response' ? outcome.status : outcome.kind,
    ...(attempt.nextAt === undefined ? {} : { retryInMs: attempt.nextAt - Date.now() }),
  })
})
dispatcher.on('delivered', ({ delivery }) => tell('delivered', { id: delivery.id, callback: delivery.metadata.callback }))
dispatcher.on('dead', ({ delivery }) => tell('dead', { id: delivery.id, reason: delivery.reason }))

// What is called back with; in a real service this is what the application knows.
/** @type {Record<string, (stream: string) => object>} */
const bodies = {
  onData: (stream) => ({ stream, value: 21.5 }),
  onStatus: (stream) => ({ stream, state: 'open' }),
  onClosed: (stream) => ({ stream, state: 'closed' }),
}

const server = createServer(async (request, response) => {
  const { method = 'GET', headers } = request
  const url = `http://${headers.host}${request.url}`
  const match = matchOperation(description, method, url)
  if (match === undefined) return response.writeHead(404).end()
  tell('matched', { request: `${method} ${request.url}`, operation: match.operation.operationId })

  const subscription = JSON.parse(await textOf(request))
  const stream = { id: randomUUID().slice(0, 8), closedUrl: `${subscription.callbackUrl}/closed` }
  const exchange = {
    id: randomUUID(),
    request: {
      method,
      url,
      headers,
      path: match.pathParameters,
      query: Object.fromEntries(new URL(url).searchParams),
      body: subscription,
    },
    response: { status: 201, headers: { 'content-type': 'application/json' }, body: stream },
  }
  for (const { callback, key, target } of resolveCallbacks(description, match.operation, exchange)) {
    const { parts } = explain(key ?? '', { exchange })
    tell('resolved', { callback, key, target, parts: parts.filter((part) => part.kind !== 'literal') })
    if (!target.ok) continue
    const call = buildCallbackRequest(target.value, { body: bodies[callback]?.(stream.id) })
    // Stored when this resolves: from here on the callback arrives, whatever becomes of this process.
    const { id } = await dispatcher.enqueue(call, { delayMs: subscription.delayMs ?? 0, metadata: { callback } })
    tell('enqueued', { id, callback, method: call.method, mediaType: call.headers['content-type'], bytes: call.body?.length })
  }
  response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(stream))
  tell('answered', { status: 201, stream: stream.id })
})

server.listen(Number(port), '127.0.0.1', async () => {
  const { counts } = await dispatcher.stats()
  tell('listening', {
    pid: process.pid,
    port: /** @type {import('node:net').AddressInfo} */ (server.address()).port,
    pending: counts.pending,
  })
  dispatcher.start()
})

process.on('SIGTERM', async () => {
  server.close()
  await dispatcher.stop({ drainMs: 1000 })
  await store.close()
})

/** @param {import('node:http').IncomingMessage} request */
async function textOf(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
