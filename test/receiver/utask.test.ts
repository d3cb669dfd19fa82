import { createReceiver, type UtaskCreated, utaskCallback } from 'ringback/receiver'
import { describe, expect, test } from 'vitest'
import { type Bench, bench, isPending, json, requestOf, type Sent } from './support.ts'

const uuid4 = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'
const schema = { type: 'object', required: ['success'], properties: { success: { type: 'boolean' } } }

async function created(here: Bench, withSchema?: object | string): Promise<UtaskCreated> {
  const step = withSchema === undefined ? { action: 'create' } : { action: 'create', schema: withSchema }
  return (await utaskCallback(here.receiver).run(step)) as UtaskCreated
}

describe('URLs', () => {
  test('U-01 U-02 two version 4 UUIDs, one in the path, one in t', async () => {
    const here = bench({ profile: 'utask' })
    const halves = new Set<string>()
    for (let i = 0; i < 1000; i++) {
      const made = await created(here)
      expect(made.url).toMatch(new RegExp(`^https://hooks\\.example\\.org/unsecured/callback/${uuid4}\\?t=${uuid4}$`))
      expect(made.url).toBe(`https://hooks.example.org/unsecured/callback/${made.id}?t=${made.token}`)
      halves.add(made.id).add(made.token)
    }
    expect(halves.size).toBe(2000)
    expect(Object.keys(await created(here))).toEqual(['id', 'url', 'token', 'schema'])
  })

  const BASES: [baseUrl: string, pathPrefix: string | undefined, start: string][] = [
    ['https://foo.bar', undefined, 'https://foo.bar/unsecured/callback/'],
    ['https://foo.bar', '/', 'https://foo.bar/'],
    ['https://foo.bar', '/foobar/', 'https://foo.bar/foobar/'],
    ['http://localhost/callbacks/', 'path-prefix', 'http://localhost/callbacks/path-prefix/'],
  ]
  test.each(BASES)('U-03 U-04 %s with prefix %s', async (baseUrl, pathPrefix, start) => {
    const receiver = createReceiver({ baseUrl, profile: 'utask', ...(pathPrefix === undefined ? {} : { pathPrefix }) })
    const cb = await receiver.create()
    expect(cb.url).toMatch(new RegExp(`^${start}${uuid4}\\?t=${uuid4}$`))
    expect((await receiver.handle(requestOf(cb.url))).status).toBe(200)
  })
})

describe('answers', () => {
  test('U-09 without t 400, and the callback is still to be had', async () => {
    const here = bench({ profile: 'utask' })
    const cb = await created(here)
    const [bare = ''] = cb.url.split('?')
    for (const url of [bare, `${bare}?t=`, `${bare}?a=b`]) {
      const response = await here.receiver.handle(requestOf(url))
      expect([response.status, await response.json()]).toEqual([400, { error: expect.stringContaining('"t"') }])
    }
    expect((await here.send(cb)).status).toBe(200)
  })

  test('U-10 U-11 a wrong t, an unknown id and no id at all are one and the same 404', async () => {
    const here = bench({ profile: 'utask' })
    const cb = await created(here)
    const other = await created(here)
    const urls = [
      `${cb.url}x`,
      cb.url.replace(cb.token, other.token),
      cb.url.replace(cb.id, other.id),
      cb.url.replace(cb.id, 'x'),
      cb.url.replace(cb.id, cb.token),
    ]
    const answers = await Promise.all(
      urls.map(async (url) => {
        const response = await here.receiver.handle(requestOf(url))
        return JSON.stringify([response.status, [...response.headers], await response.text()])
      }),
    )
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toContain('failed to load callback from public id: callback not found')
    expect(answers[0]).toContain('[404,')
  })

  test('A-05 a secret in the query does not survive "?id=…" at its end, one in the path does', async () => {
    const tail = '?id=1b4e28ba-2fa1-41d2-883f-0016d3cca427'
    const inQuery = bench({ profile: 'utask' })
    expect((await inQuery.send(await created(inQuery), { tail })).status).toBe(404)
    const inPath = bench()
    expect((await inPath.send(await inPath.receiver.create(), { tail })).status).toBe(200)
  })

  test('U-13 U-14 U-15 the first call wins; whatever comes then is 400, the same call too', async () => {
    const here = bench({ profile: 'utask' })
    const cb = await created(here)
    const first = await here.send(cb, { body: { success: true }, headers: { 'webhook-id': 'a' } })
    expect([first.status, await first.json()]).toEqual([200, { message: 'The callback has been resolved' }])
    for (const success of [true, false]) {
      const again = await here.send(cb, { body: { success }, headers: { 'webhook-id': 'a' } })
      expect([again.status, await again.json()]).toEqual([400, { error: 'callback has already been resolved' }])
    }
    expect(await utaskCallback(here.receiver).run({ action: 'wait', id: cb.id })).toMatchObject({ body: { success: true } })
  })

  test('U-12 that it was called before is said before what is wrong with the body', async () => {
    const here = bench({ profile: 'utask' })
    const cb = await created(here, schema)
    await here.send(cb, { body: { success: true } })
    expect(await (await here.send(cb, { body: {} })).json()).toEqual({ error: 'callback has already been resolved' })
  })

  test('U-16 after the task is over', async () => {
    const here = bench({ profile: 'utask' })
    const cb = await created(here)
    await (await here.receiver.open(cb.id)).cancel()
    const response = await here.send(cb)
    expect([response.status, await response.json()]).toEqual([400, { error: 'related task is not in a valid state: cancelled' }])
  })

  const BODIES: [name: string, sent: Sent, status: number][] = [
    ['U-18 U-22 nothing', {}, 400],
    ['U-18 an empty object', { body: {} }, 400],
    ['U-18 the wrong type', { body: { success: 'true' } }, 400],
    ['U-21 a list', { body: [] }, 400],
    ['U-21 no JSON', { body: 'success: true' }, 400],
    [
      'U-21 another media type',
      { body: '{"success":true}', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      200,
    ],
    ['no media type', { body: '{"success":true}' }, 200],
    ['U-08 another method', { method: 'GET' }, 405],
    ['U-23 a large body', { body: 'x'.repeat(262_145) }, 400],
  ]
  test.each(BODIES)('%s, and the callback stays callable', async (_name, sent, status) => {
    const here = bench({ profile: 'utask' })
    const cb = await created(here, schema)
    expect((await here.send(cb, sent)).status).toBe(status)
    expect((await here.send(cb, { body: { success: true } })).status).toBe(status === 200 ? 400 : 200)
    expect(await utaskCallback(here.receiver).run({ action: 'wait', id: cb.id })).toMatchObject({ body: { success: true } })
  })

  test('U-18 U-22 U-35 the words, no body without a schema, and maintenance', async () => {
    const here = bench({ profile: 'utask' })
    const cb = await created(here, schema)
    expect(await (await here.send(cb, { body: { success: 1 } })).json()).toEqual({
      error: expect.stringMatching(/^unable to validate body: body \/success must be boolean/),
    })
    here.receiver.pause()
    expect((await here.send(cb, { body: { success: true } })).status).toBe(405)
    here.receiver.resume()
    expect((await here.send(cb, { body: { success: true } })).status).toBe(200)
    expect((await here.send(await created(here))).status).toBe(200)
  })
})

describe('utaskCallback', () => {
  const STEPS: [step: { action: string; id?: string }, message: string | undefined][] = [
    [{ action: 'create' }, undefined],
    [{ action: 'Create' }, undefined],
    [{ action: 'wait', id: 'x' }, undefined],
    [{ action: 'WAIT' }, 'missing "id" parameter'],
    [{ action: 'foo' }, 'invalid action "foo"'],
    [{ action: '' }, 'invalid action ""'],
  ]
  test.each(STEPS)('U-07 %o', async (step, message) => {
    const plugin = utaskCallback(bench({ profile: 'utask' }).receiver)
    if (message === undefined) expect(() => plugin.validate(step)).not.toThrow()
    else {
      expect(() => plugin.validate(step)).toThrow(message)
      await expect(plugin.run(step)).rejects.toThrow(message)
    }
  })

  const SCHEMAS: [given: object | string, returned: object][] = [
    [{}, { $schema: 'http://json-schema.org/draft-07/schema#' }],
    [
      { version: 4, type: 'object' },
      { $schema: 'http://json-schema.org/draft-04/schema#', type: 'object' },
    ],
    [{ version: '6' }, { $schema: 'http://json-schema.org/draft-06/schema#' }],
    ['{"type":"object"}', { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' }],
    [
      { $schema: 'http://json-schema.org/draft-06/schema#', type: 'object' },
      { $schema: 'http://json-schema.org/draft-06/schema#', type: 'object' },
    ],
  ]
  test.each(SCHEMAS)('U-20 the schema %o comes back with its dialect', async (given, returned) => {
    expect((await created(bench({ profile: 'utask' }), given)).schema).toEqual(returned)
  })

  test('U-19 a schema that does not compile fails the creation', async () => {
    await expect(created(bench({ profile: 'utask' }), { type: 'nope' })).rejects.toMatchObject({
      code: 'ERR_SCHEMA_INVALID',
      pointer: '#/type',
    })
    await expect(created(bench({ profile: 'utask' }), '{bad')).rejects.toMatchObject({ code: 'ERR_SCHEMA_INVALID' })
  })

  test('U-24 U-25 wait gives id, date and body, to any number of waits, before and after the call', async () => {
    const here = bench({ profile: 'utask' })
    const plugin = utaskCallback(here.receiver)
    const cb = await created(here)
    const early = [plugin.run({ action: 'wait', id: cb.id }), plugin.run({ action: 'wait', id: cb.id })]
    expect(await isPending(Promise.race(early))).toBe(true)
    await here.send(cb, { body: { success: true }, headers: json })
    const output = { id: cb.id, date: new Date(here.clock.now()).toISOString(), body: { success: true } }
    expect(await Promise.all(early)).toEqual([output, output])
    expect(await plugin.run({ action: 'wait', id: cb.id })).toEqual(output)
  })

  test('U-33 the secret in the query is not kept with the call', async () => {
    const here = bench({ profile: 'utask' })
    const cb = await created(here)
    await here.send(cb, { tail: '&a=b' })
    const [call] = await (await here.receiver.open(cb.id)).calls()
    expect([
      String(call?.query),
      JSON.stringify(call?.toHar()).includes(cb.token),
      JSON.stringify(call?.toGcp()).includes(cb.token),
    ]).toEqual(['a=b', false, false])
  })
})
