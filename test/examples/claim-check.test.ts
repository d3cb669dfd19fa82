import { fileURLToPath } from 'node:url'
import { type DeliveryStore, memoryStore, sqliteStore } from 'ringback/dispatcher'
import { createReceiver } from 'ringback/receiver'
import { afterEach, describe, expect, test } from 'vitest'

interface Account {
  readonly apiKey: string
  readonly username: string
  readonly password: string
}

interface Service {
  readonly url: string
  close(): Promise<void>
}

interface Example {
  startBackupService(options: {
    readonly store: DeliveryStore
    readonly accounts: readonly Account[]
    readonly tell?: (event: string, data: Readonly<Record<string, unknown>>) => void
  }): Promise<Service>
  backUp(options: Account & { readonly service: string }): Promise<{ id: string; url: string; backup: string }>
}

const file = (name: string): string => fileURLToPath(new URL(`../../examples/claim-check/${name}`, import.meta.url))
const { startBackupService, backUp } = {
  ...(await import(file('backup-service.mjs'))),
  ...(await import(file('back-up.mjs'))),
} as Example

const ann: Account = { apiKey: 'k', username: 'ann', password: 'a&b=c' }
const bob: Account = { apiKey: 'k', username: 'bob', password: 'x' }
const services: Service[] = []
afterEach(async () => {
  for (const service of services.splice(0)) await service.close()
})

async function started(store: DeliveryStore = memoryStore()): Promise<{ url: string; told: unknown[] }> {
  const told: unknown[] = []
  const service = await startBackupService({
    store,
    accounts: [ann, bob],
    tell: (event, { path, result }) => told.push(event === 'called' ? `called: ${result}` : path),
  })
  services.push(service)
  return { url: service.url, told }
}

async function tokenOf(service: string, { apiKey, username, password }: Account): Promise<string> {
  const query = new URLSearchParams({ api_key: apiKey, username, password })
  const response = await fetch(`${service}/authenticate?${query}`)
  return ((await response.json()) as { token: string }).token
}

const order = (service: string, token: string, body: string): Promise<Response> =>
  fetch(`${service}/backup/owner`, { method: 'POST', headers: { token, 'content-type': 'application/json' }, body })

test.each([
  ['memory', () => memoryStore()],
  ['SQLite', () => sqliteStore({ path: ':memory:' })],
] as const)('the whole flow (%s)', async (_name, open) => {
  const { url, told } = await started(open())
  const { id, url: where, backup } = await backUp({ service: url, ...ann })
  expect(id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
  expect(new URL(where).origin).toBe(url)
  expect(backup).toBe('everything of ann')
  expect(told.filter((one) => one !== 'called: 200').map((path) => String(path).replace(/files\/.*/, 'files/…'))).toEqual([
    '/authenticate',
    '/backup/owner',
    '/webhook',
    '/files/…',
  ])
})

describe('who has half of it', () => {
  test('gets the same 404 as whoever has nothing, and the owner still gets the whole', async () => {
    const { url } = await started()
    const [mine, theirs] = [await tokenOf(url, ann), await tokenOf(url, bob)]
    const receiver = createReceiver({ baseUrl: 'http://127.0.0.1:0' })
    await receiver.listen()
    const endpoint = await receiver.create({ method: 'GET' })
    const answer = await order(url, mine, JSON.stringify({ webhook_url: `${endpoint.url}?a=1` }))
    expect([answer.status, await answer.json()]).toEqual([202, { successCode: 202 }])
    const call = await endpoint.next({ timeout: '10s' })
    expect([...call.query.keys()]).toEqual(['a', 'id'])
    const id = call.query.get('id') ?? ''
    const ask = async (token: string, claim: string) => {
      const response = await fetch(`${url}/webhook?id=${claim}`, { headers: { token } })
      return [response.status, await response.text()]
    }
    const none = await ask(mine, '00000000-0000-4000-8000-000000000000')
    expect(await ask(theirs, id)).toEqual(none)
    expect(await ask('', id)).toEqual(none)
    expect(await ask(mine, id)).toEqual([200, expect.stringContaining('/files/')])
    expect(await ask(mine, id)).toEqual(none)
    expect(none[0]).toBe(404)
    await receiver[Symbol.asyncDispose]()
  })

  test('is turned away before', async () => {
    const { url } = await started()
    await expect(backUp({ service: url, ...ann, password: 'wrong' })).rejects.toThrow('/authenticate answered 401')
    expect((await order(url, 'none', '{}')).status).toBe(401)
    const token = await tokenOf(url, ann)
    for (const body of ['', '{}', '{"webhook_url":"http://169.254.169.254/"}', '{"webhook_url":"ftp://a.example/"}'])
      expect((await order(url, token, body)).status).toBe(400)
    expect((await fetch(`${url}/files/none`)).status).toBe(404)
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404)
  })
})
