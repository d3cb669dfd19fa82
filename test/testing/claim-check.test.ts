import { claimCheckProvider, createTestReceiver } from 'ringback/testing'
import { expect, test } from 'vitest'

interface Json {
  readonly token: string
  readonly successCode: number
  readonly data: { readonly url: string }
}
const json = async (response: Response): Promise<Json> => (await response.json()) as Json

test.each([
  ['', '?'],
  ['?tenant=7', '&'],
  ['?tenant=7', '&', '#part?a=b'],
])('the whole flow, with a webhook URL that ends in "%s"', async (query, separator, fragment = '') => {
  await using provider = await claimCheckProvider({ payload: 'all of it' })
  await using receiver = await createTestReceiver()
  const endpoint = await receiver.create({ method: 'GET' })
  const { apiKey, username, password } = provider.credentials

  const { token } = await json(
    await fetch(`${provider.url}/authenticate?${new URLSearchParams({ api_key: apiKey, username, password })}`),
  )
  const accepted = await fetch(`${provider.url}/backup/owner`, {
    method: 'POST',
    headers: { token, 'content-type': 'application/json' },
    body: JSON.stringify({ webhook_url: `${endpoint.url}${query}${fragment}` }),
  })
  expect([accepted.status, await json(accepted)]).toEqual([202, { successCode: 202 }])

  const call = await endpoint.next()
  const id = call.query.get('id') ?? ''
  expect(id).toMatch(/^[0-9a-f-]{36}$/)
  await provider.settled()
  expect(provider.notified).toEqual([{ id, url: `${endpoint.url}${query}${separator}id=${id}`, status: 200 }])

  const { data } = await json(await fetch(`${provider.url}/webhook?id=${id}`, { headers: { token } }))
  expect(await (await fetch(data.url)).text()).toBe('all of it')
  expect(provider.log).toEqual(['GET /authenticate 200', 'POST /backup/owner 202', 'GET /webhook 200', 'GET /files/… 200'])
})

test('without the right secrets nothing is given', async () => {
  await using provider = await claimCheckProvider()
  const at = async (path: string, init?: RequestInit): Promise<number> => (await fetch(`${provider.url}${path}`, init)).status
  const post = (body: string, token = 'x'): RequestInit => ({ method: 'POST', body, headers: { token } })
  expect(await at('/authenticate?api_key=key&username=user&password=wrong')).toBe(401)
  expect(await at('/backup/owner', post('{"webhook_url":"https://a.example/"}'))).toBe(401)
  expect(await at('/webhook?id=1')).toBe(404)
  expect(await at('/files/1')).toBe(404)
  const { token } = await json(await fetch(`${provider.url}/authenticate?api_key=key&username=user&password=secret`))
  expect(await at('/webhook?id=1', { headers: { token } })).toBe(404)
  for (const body of ['{', '{}', '{"webhook_url":"http://169.254.169.254/"}', `"${'x'.repeat(100_000)}"`]) {
    expect(await at('/backup/owner', post(body, token))).toBe(400)
  }
  expect(provider.notified).toEqual([])
})
