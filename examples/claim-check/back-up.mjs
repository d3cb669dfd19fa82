// The client of the example, for Node and Deno: it orders a backup, waits until it is called, fetches what the call stands for, and
// downloads the backup.
import { createReceiver } from 'ringback/receiver'

/**
 * @param {{ readonly service: string, readonly apiKey: string, readonly username: string, readonly password: string }} options
 * @returns {Promise<{ readonly id: string | null, readonly url: string, readonly backup: string }>}
 */
export async function backUp({ service, apiKey, username, password }) {
  const login = new URLSearchParams({ api_key: apiKey, username, password })
  const { token } = /** @type {{ token: string }} */ (await (await good(fetch(`${service}/authenticate?${login}`))).json())
  const headers = { token }

  // Before the order: the call may come before the answer to the order does.
  const receiver = createReceiver({ baseUrl: 'http://127.0.0.1:0' })
  await receiver.listen()
  try {
    const endpoint = await receiver.create({
      method: 'GET',
      maxCalls: 1,
      claimCheck: {
        fetch: async (id) => (await good(fetch(`${service}/webhook?id=${encodeURIComponent(id)}`, { headers }))).json(),
      },
    })
    await good(
      fetch(`${service}/backup/owner`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ webhook_url: endpoint.url }),
      }),
    )
    const call = await endpoint.next({ timeout: '30s' })
    const { url } = /** @type {{ data: { url: string } }} */ (call.body).data
    return { id: call.query.get('id'), url, backup: await (await good(fetch(url))).text() }
  } finally {
    await receiver[Symbol.asyncDispose]()
  }
}

/** @param {Promise<Response>} pending */
async function good(pending) {
  const response = await pending
  if (!response.ok) throw new Error(`${response.url.split('?')[0]} answered ${response.status}.`)
  return response
}
