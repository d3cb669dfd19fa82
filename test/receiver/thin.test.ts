import { createReceiver } from 'ringback/receiver'
import { expect, test } from 'vitest'

test('create, post, wait', async () => {
  await using receiver = createReceiver({ baseUrl: 'http://127.0.0.1:0' })
  await receiver.listen()
  await using cb = await receiver.create({ schema: { type: 'object', properties: { success: { type: 'boolean' } } } })
  const pending = cb.next({ timeout: '5s' })
  const response = await fetch(cb.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"success": true}',
  })
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({ id: cb.id, state: 'accepted' })
  expect((await pending).body).toEqual({ success: true })
  await fetch(cb.url, { method: 'POST', headers: { 'content-type': 'text/xml' }, body: '<a/>' })
  await fetch(cb.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"success": "true"}' })
  await fetch(`${cb.url}x`)
  await expect(cb.next({ timeout: 50 })).rejects.toThrow(/415 media-type.*\n.*422 schema/)
  await cb.next({ timeout: 10 }).catch((e) => console.log(String(e)))
})
