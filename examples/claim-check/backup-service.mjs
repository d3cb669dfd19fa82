// The service of the example: it makes backups, calls back by GET with an id alone, and hands out where the backup is to whoever has both
// the id and the token of the one who ordered it.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { buildCallbackRequest, matchOperation, readDescription, resolveCallbacks } from 'ringback'
import { createClaimDesk, createDispatcher, publicInternet } from 'ringback/dispatcher'

/**
 * @typedef {{ readonly apiKey: string, readonly username: string, readonly password: string }} Account
 * @typedef {object} ServiceOptions
 * @property {import('ringback/dispatcher').DeliveryStore} store
 * @property {readonly Account[]} accounts
 * @property {number} [port] Default: any that is free.
 * @property {(event: string, data: object) => void} [tell]
 */

/**
 * @param {ServiceOptions} options
 * @returns {Promise<{ readonly url: string, close(): Promise<void> }>}
 */
export async function startBackupService({ store, accounts, port = 0, tell = () => {} }) {
  const description = await readDescription(fileURLToPath(new URL('openapi.yaml', import.meta.url)))
  // Everything here is on loopback and without TLS, which is refused unless told otherwise.
  const policy = publicInternet({ devLoopback: true })
  const dispatcher = createDispatcher({ store, policy })
  dispatcher.on('attempt:end', ({ delivery, attempt: { outcome } }) =>
    tell('called', { url: delivery.request.url, result: outcome.kind === 'response' ? outcome.status : outcome.kind }),
  )
  /** @type {Map<string, string>} */
  const owners = new Map()
  /** @type {Map<string, string>} */
  const backups = new Map()

  const fetchClaim = createClaimDesk({
    store,
    authorize: async ({ headers }, deliveryId) => {
      const owner = owners.get(String(headers.token))
      const stored = deliveryId === undefined ? undefined : await dispatcher.get(deliveryId)
      return owner !== undefined && owner === stored?.delivery.metadata.owner
    },
  }).node()

  const server = createServer(async (request, response) => {
    const { method = 'GET', headers, url: target = '/' } = request
    const url = new URL(target, `http://${headers.host}`)
    /** @param {number} status @param {object} body */
    const answer = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    tell('request', { method, path: url.pathname })

    if (url.pathname === '/webhook') return fetchClaim(request, response)
    if (url.pathname.startsWith('/files/')) {
      const backup = backups.get(url.pathname)
      return backup === undefined ? response.writeHead(404).end() : response.writeHead(200).end(backup)
    }
    const match = matchOperation(description, method, url.href)
    switch (match?.operation.operationId) {
      case 'authenticate': {
        const account = accounts.find(
          ({ apiKey, username, password }) =>
            apiKey === url.searchParams.get('api_key') &&
            username === url.searchParams.get('username') &&
            password === url.searchParams.get('password'),
        )
        if (account === undefined) return answer(401, { error: 'unknown user' })
        const token = randomUUID()
        owners.set(token, account.username)
        return answer(200, { token })
      }
      case 'backupOwner': {
        const owner = owners.get(String(headers.token))
        if (owner === undefined) return answer(401, { error: 'unknown token' })
        const order = await jsonOf(request)
        const judged = policy.judge(String(order?.webhook_url))
        if (!judged.ok) return answer(400, { error: judged.error.message })
        await makeBackup(match.operation, url.href, order, owner)
        return answer(202, { successCode: 202 })
      }
      default:
        return response.writeHead(404).end()
    }
  })

  /**
   * A real service would take its time; the calls go out in their own.
   * @param {import('ringback/openapi').Operation} operation @param {string} url @param {unknown} body @param {string} owner
   */
  async function makeBackup(operation, url, body, owner) {
    const path = `/files/${randomUUID()}`
    backups.set(path, `everything of ${owner}`)
    const payload = new TextEncoder().encode(JSON.stringify({ data: { url: new URL(path, url).href } }))
    for (const { target } of resolveCallbacks(description, operation, { id: randomUUID(), request: { url, body } })) {
      if (!target.ok) continue
      const call = buildCallbackRequest(target.value)
      const request = { ...call, headers: { ...call.headers, 'content-type': 'application/json' }, body: payload }
      await dispatcher.enqueue(request, { deliver: 'claim-check', metadata: { owner } })
    }
  }

  await new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(undefined)))
  dispatcher.start()
  return {
    url: `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`,
    async close() {
      server.close()
      server.closeAllConnections()
      await dispatcher.stop({ drainMs: 1000 })
      await store.close()
    },
  }
}

/** @param {import('node:http').IncomingMessage} request @returns {Promise<any>} */
async function jsonOf(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return undefined
  }
}
