import { createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createReceiver, type Keyring, memoryStore, type Receiver, type ReceiverStore, sqliteStore } from 'ringback/receiver'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { createSealer, openSqlite, plaintextSealer } from '../../src/storage/index.ts'
import { all, requestOf } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
let files = 0
const freshFile = (): string => join(folder, `${files++}.sqlite`)
afterAll(() => rmSync(folder, { recursive: true }))

const key = (kid: string): Keyring['keys'][0] => ({ kid, key: randomBytes(32) })
const [k1, k2, k3] = [key('k1'), key('k2'), key('k3')]
const baseUrl = 'https://hooks.example.org'

const open: Receiver[] = []
afterEach(async () => {
  for (const receiver of open.splice(0)) await receiver[Symbol.asyncDispose]()
})
const receiverOn = (store: ReceiverStore, keys: Keyring['keys'], plaintext?: true): Receiver => {
  const receiver = createReceiver({ baseUrl, store, keyring: { keys }, ...(plaintext === undefined ? {} : { plaintext }) })
  open.push(receiver)
  return receiver
}
const close = async (receiver: Receiver): Promise<void> => {
  open.splice(open.indexOf(receiver), 1)
  await receiver[Symbol.asyncDispose]()
}
const post = async (receiver: Receiver, url: string, body: unknown, headers = {}): Promise<Response> =>
  receiver.handle(requestOf(url, { body, headers }))

describe('a box', () => {
  const sealer = createSealer({ keys: [k1] })
  const plain = new Uint8Array(randomBytes(100))

  test('O-55 opens at its place and under its key alone, whatever byte of it is changed', () => {
    const { sealed, kid } = sealer.seal(plain, 'call|a|1|content')
    expect(kid).toBe('k1')
    expect(sealed).toHaveLength(2 + 'k1'.length + 16 + 12 + 100 + 16)
    expect(sealer.open(sealed, 'call|a|1|content')).toEqual(plain)
    for (let i = 0; i < sealed.length; i++) {
      const changed = sealed.map((byte, at) => (at === i ? byte ^ 1 : byte))
      expect(() => sealer.open(changed, 'call|a|1|content')).toThrow()
    }
    for (const place of ['call|a|2|content', 'call|b|1|content', 'call|a|1|reply', 'endpoint|a', '']) {
      expect(() => sealer.open(sealed, place)).toThrow(expect.objectContaining({ code: 'ERR_SEAL_BROKEN' }))
    }
  })

  test('O-55 is AES-256-GCM under a key of its own', () => {
    const boxes = Array.from({ length: 50 }, () => Buffer.from(sealer.seal(plain, 'place').sealed))
    expect(new Set(boxes.map((box) => box.subarray(4, 32).toString('hex'))).size).toBe(50)
    const [box = Buffer.alloc(0)] = boxes
    const decipher = createDecipheriv(
      'aes-256-gcm',
      new Uint8Array(hkdfSync('sha256', k1.key, box.subarray(4, 20), 'ringback-seal-v1', 32)),
      box.subarray(20, 32),
      { authTagLength: 16 },
    )
    decipher.setAAD(Buffer.concat([box.subarray(0, 4), Buffer.from('place')]))
    decipher.setAuthTag(box.subarray(-16))
    expect(Buffer.concat([decipher.update(box.subarray(32, -16)), decipher.final()])).toEqual(Buffer.from(plain))
  })

  test('O-56 that was cut opens nowhere, though Node would take a shorter tag', () => {
    const { sealed } = sealer.seal(plain, 'place')
    for (let length = 0; length < sealed.length; length++)
      expect(() => sealer.open(sealed.subarray(0, length), 'place')).toThrow()
    // The reason for the fixed length: the first four bytes of the tag, alone, are believed.
    const recordKey = new Uint8Array(hkdfSync('sha256', k1.key, sealed.subarray(4, 20), 'ringback-seal-v1', 32))
    const careless = createDecipheriv('aes-256-gcm', recordKey, sealed.subarray(20, 32))
    careless.setAAD(Buffer.concat([sealed.subarray(0, 4), Buffer.from('place')]))
    careless.setAuthTag(sealed.subarray(-16, -12))
    careless.update(sealed.subarray(32, -16))
    expect(() => careless.final()).not.toThrow()
  })

  test('U-31 is opened by the key it names, and only by that', () => {
    const { sealed } = sealer.seal(plain, 'place')
    expect(createSealer({ keys: [k2, k1] }).open(sealed, 'place')).toEqual(plain)
    expect(() => createSealer({ keys: [k2, k3] }).open(sealed, 'place')).toThrow(
      expect.objectContaining({ code: 'ERR_KEY_MISSING', message: expect.stringContaining('"k1"') }),
    )
    // The same name, another key: no other key is tried.
    expect(() =>
      createSealer({
        keys: [
          { ...k2, kid: 'k1' },
          { ...k1, kid: 'k2' },
        ],
      }).open(sealed, 'place'),
    ).toThrow(expect.objectContaining({ code: 'ERR_SEAL_BROKEN' }))
  })

  test('without encryption is refused where there is a ring, and the other way round', () => {
    const bare = plaintextSealer.seal(plain, 'place').sealed
    expect(() => sealer.open(bare, 'place')).toThrow(/plaintext: true/)
    expect(createSealer({ keys: [k1] }, { readsPlaintext: true }).open(bare, 'place')).toEqual(plain)
    expect(() => plaintextSealer.open(sealer.seal(plain, 'place').sealed, 'place')).toThrow(
      expect.objectContaining({ code: 'ERR_KEY_MISSING' }),
    )
  })

  test.each([
    ['no key', []],
    ['a short key', [{ kid: 'a', key: new Uint8Array(31) }]],
    ['a kid with other characters', [{ kid: 'a b', key: new Uint8Array(32) }]],
    ['a kid twice', [k1, k1]],
  ])('needs a ring: %s is refused', (_, keys) => {
    expect(() => createSealer({ keys: keys as unknown as Keyring['keys'] })).toThrow(TypeError)
    expect(() => receiverOn(memoryStore(), keys as unknown as Keyring['keys'])).toThrow(TypeError)
  })
})

test('O-55 nothing that was sent, answered or configured stands in the file', async () => {
  const path = freshFile()
  const receiver = receiverOn(sqliteStore({ path }), [k1])
  const cb = await receiver.create({
    schema: { type: 'object', properties: { needle: { type: 'string' } }, required: ['needle'] },
    metadata: { order: 'needle-in-metadata' },
    respond: { status: 201, json: { answer: 'needle-in-answer' } },
    auth: { type: 'bearer', token: 'needle-in-auth' },
  })
  const headers = { authorization: 'Bearer needle-in-auth', 'webhook-id': 'needle-in-id', 'x-own': 'needle-in-header' }
  expect((await post(receiver, `${cb.url}?q=needle-in-query`, { needle: 'needle-in-body' }, headers)).status).toBe(201)
  expect((await post(receiver, cb.url, { other: 'needle-in-refused' }, { ...headers, 'webhook-id': 'x' })).status).toBe(422)
  // What was sealed comes back as it was: the replay, the call, the rejection.
  const replay = await post(receiver, cb.url, { needle: 'needle-in-body' }, headers)
  expect([replay.status, await replay.json()]).toEqual([201, { answer: 'needle-in-answer' }])
  expect((await cb.next()).body).toEqual({ needle: 'needle-in-body' })
  expect(await cb.rejections()).toMatchObject([{ code: 'schema' }])
  await close(receiver)
  const written = readdirSync(folder)
    .filter((name) => join(folder, name).startsWith(path))
    .map((name) => readFileSync(join(folder, name)).toString('latin1'))
    .join()
  expect(written).toContain(cb.id)
  expect(written).not.toContain('needle')
  expect(written).not.toContain(cb.url.split('.').at(-1))
})

test('U-30 sealed columns or rows that were swapped do not open, and are nothing else', async () => {
  const path = freshFile()
  const first = receiverOn(sqliteStore({ path }), [k1])
  const [a, b] = [await first.create(), await first.create()]
  for (const cb of [a, b]) for (const n of [1, 2]) await post(first, cb.url, { n, of: cb.id })
  await close(first)
  const database = openSqlite({ path })
  const swaps = [
    // Two rows of one endpoint, a column of one row for another, rows of two endpoints.
    `UPDATE ringback_call SET sealed = (SELECT sealed FROM ringback_call o WHERE o.endpoint_id = '${a.id}' AND o.seq = 2) WHERE endpoint_id = '${a.id}' AND seq = 1`,
    `UPDATE ringback_call SET sealed = reply WHERE endpoint_id = '${a.id}' AND seq = 2`,
    `UPDATE ringback_call SET sealed = (SELECT sealed FROM ringback_call o WHERE o.endpoint_id = '${a.id}' AND o.seq = 1) WHERE endpoint_id = '${b.id}' AND seq = 1`,
    `UPDATE ringback_endpoint SET sealed = (SELECT sealed FROM ringback_endpoint o WHERE o.id = '${a.id}') WHERE id = '${b.id}'`,
  ]
  for (const swap of swaps) database.exec(swap)
  database.close()

  const second = receiverOn(sqliteStore({ path }), [k1])
  const broken = { code: 'ERR_SEAL_BROKEN' }
  const [openA, openB] = [await second.open(a.id), await second.open(b.id)]
  await expect(openA.next()).rejects.toMatchObject(broken)
  await expect(openA.next()).rejects.toMatchObject(broken)
  await expect(openB.next()).rejects.toMatchObject(broken)
  expect((await openB.next()).body).toEqual({ n: 2, of: b.id })
  const statuses = await all(second.list())
  expect(statuses.find(({ id }) => id === b.id)).toMatchObject({ metadata: {}, unreadable: expect.stringContaining('sealed') })
  expect(statuses.find(({ id }) => id === a.id)).not.toHaveProperty('unreadable')
  // A request at an endpoint whose settings are broken is our failure, and says nothing.
  expect((await post(second, b.url, {})).status).toBe(500)
})

describe('rotation', () => {
  const stores: [name: string, open: (path: string) => ReceiverStore][] = [
    ['memory', () => memoryStore()],
    ['sqlite', (path) => sqliteStore({ path, synchronous: 'normal' })],
  ]

  test('O-57 a key that is missing is named, and stops neither list, sweep nor the rotation of other rows', async () => {
    const path = freshFile()
    const first = receiverOn(sqliteStore({ path }), [k1])
    const lost = await first.create({ metadata: { of: 'k1' } })
    await post(first, lost.url, { a: 1 })
    await close(first)
    const second = receiverOn(sqliteStore({ path }), [k2])
    const kept = await second.create({ metadata: { of: 'k2' } })
    await post(second, kept.url, { a: 2 })
    await close(second)

    const third = receiverOn(sqliteStore({ path }), [k3, k2])
    const statuses = await all(third.list())
    expect(statuses.find(({ id }) => id === lost.id)?.unreadable).toContain('"k1"')
    expect(statuses.find(({ id }) => id === kept.id)?.metadata).toEqual({ of: 'k2' })
    expect(await third.sweep()).toEqual({ expired: 0, deleted: 0 })
    expect(await third.rotateKeys()).toEqual({ scanned: 4, rewritten: 2, missingKids: ['k1'], broken: 0 })
    await expect((await third.open(lost.id)).next()).rejects.toMatchObject({ code: 'ERR_KEY_MISSING' })
    await close(third)
    const fourth = receiverOn(sqliteStore({ path }), [k3, k1])
    expect(await fourth.rotateKeys()).toMatchObject({ scanned: 2, rewritten: 2, missingKids: [] })
    await close(fourth)
    const fifth = receiverOn(sqliteStore({ path }), [k3])
    expect((await (await fifth.open(lost.id)).next()).body).toEqual({ a: 1 })
    expect((await (await fifth.open(kept.id)).next()).body).toEqual({ a: 2 })
  })

  test('O-55 a body or an id that can be guessed cannot be looked up in the file, and a retry is known after rotation', async () => {
    const path = freshFile()
    const first = receiverOn(sqliteStore({ path }), [k1])
    const cb = await first.create()
    const again = { 'webhook-id': 'order-1' }
    expect((await post(first, cb.url, { success: true }, again)).status).toBe(200)
    const guesses = ['{"success":true}', 'order-1', '["webhook-id","order-1"]', '["POST","","webhook-id","order-1"]']
    const files = [path, `${path}-wal`].map((file) => readFileSync(file))
    for (const guess of guesses) {
      const hash = createHash('sha256').update(guess).digest()
      expect(files.some((file) => file.includes(guess) || file.includes(hash))).toBe(false)
    }
    const second = receiverOn(sqliteStore({ path }), [k2, k1])
    await second.rotateKeys()
    await close(first)
    await close(second)
    const third = receiverOn(sqliteStore({ path }), [k2])
    const retry = await post(third, cb.url, { success: true }, again)
    expect([retry.status, retry.headers.get('idempotency-replayed')]).toEqual([200, 'true'])
    expect((await post(third, cb.url, { success: false }, again)).status).toBe(422)
  })

  test('U-32 a thousand rows by 64, aborted and taken up again, each rewritten once', async () => {
    const path = freshFile()
    const first = receiverOn(sqliteStore({ path, synchronous: 'normal' }), [k1])
    const endpoints = await Promise.all(Array.from({ length: 100 }, () => first.create()))
    for (const cb of endpoints) for (let i = 0; i < 8; i++) await post(first, cb.url, { i })
    await close(first)
    const second = receiverOn(sqliteStore({ path, synchronous: 'normal' }), [k2, k1])
    const fresh = await second.create({ metadata: { of: 'k2' } })
    for (let i = 0; i < 16; i++) await post(second, fresh.url, { i })
    for (const cb of endpoints.slice(0, 83)) {
      await second.handle(new Request(cb.url, { method: 'PUT' }))
    }
    const untouched = (): unknown => {
      const database = openSqlite({ path })
      const rows = database.prepare('SELECT hex(sealed) AS sealed FROM ringback_call WHERE endpoint_id = ?').all([fresh.id])
      database.close()
      return rows
    }
    const before = untouched()
    const controller = new AbortController()
    let looks = 0
    const signal = { throwIfAborted: () => (++looks > 5 ? controller.signal.throwIfAborted() : undefined) } as AbortSignal
    controller.abort(new Error('enough'))
    await expect(second.rotateKeys({ batch: 64, signal })).rejects.toThrow('enough')
    const left = await second.rotateKeys({ batch: 64 })
    // Five pages were done: the 100 endpoints in two, and three of calls. Rejections were sealed with the new key already.
    expect(left).toEqual({ scanned: 900 - 100 - 3 * 64, rewritten: 900 - 100 - 3 * 64, missingKids: [], broken: 0 })
    expect(await second.rotateKeys({ batch: 64 })).toMatchObject({ scanned: 0, rewritten: 0 })
    expect(untouched()).toEqual(before)
    await close(second)
    const third = receiverOn(sqliteStore({ path }), [k2])
    for (const cb of [...endpoints, fresh]) {
      const calls = await (await third.open(cb.id)).calls()
      expect(calls.map(({ body }) => (body as { i: number }).i)).toEqual(calls.map((_, i) => i))
    }
  }, 60_000)

  test.each(stores)('O-58 with 200 posts under way (%s): no call is lost or left under the old key', async (_, openStore) => {
    const store = openStore(freshFile())
    // The same rows for both rings.
    const shared: ReceiverStore = { ...store, start: async () => {}, stop: async () => {} }
    await store.start(() => {})
    const before = receiverOn(shared, [k1])
    const after = receiverOn(shared, [k2, k1])
    const cb = await before.create({ slots: 1000 })
    const posts = (receiver: Receiver, from: number): Promise<number[]> =>
      Promise.all(Array.from({ length: 200 }, (_, i) => post(receiver, cb.url, { n: from + i }).then(({ status }) => status)))
    expect(new Set(await posts(before, 0))).toEqual(new Set([200]))
    const [statuses, rotation] = await Promise.all([posts(after, 200), after.rotateKeys({ batch: 7 })])
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(rotation).toMatchObject({ rewritten: 201, missingKids: [], broken: 0 })
    await close(before)
    const last = receiverOn(shared, [k2])
    const calls = await (await last.open(cb.id)).calls()
    expect(calls.map(({ body }) => (body as { n: number }).n).sort((x, y) => x - y)).toEqual(
      Array.from({ length: 400 }, (_, n) => n),
    )
    await store.stop()
  })

  test('O-59 a durable store needs a ring or the word plaintext; with both, what is old is read, and sealed', async () => {
    const path = freshFile()
    const store = sqliteStore({ path })
    expect(() => createReceiver({ baseUrl, store })).toThrow(/keyring.*plaintext: true/)
    const bare = createReceiver({ baseUrl, store, plaintext: true })
    await expect(bare.rotateKeys()).rejects.toThrow(TypeError)
    const cb = await bare.create()
    await bare.handle(requestOf(cb.url, { body: { old: true } }))
    await bare[Symbol.asyncDispose]()
    const both = receiverOn(sqliteStore({ path }), [k1], true)
    expect(await both.rotateKeys()).toMatchObject({ scanned: 2, rewritten: 2 })
    await close(both)
    expect((await (await receiverOn(sqliteStore({ path }), [k1]).open(cb.id)).next()).body).toEqual({ old: true })
  })

  test.each([0, -1, 1.5, Number.NaN])('a batch of %s is refused', async (batch) => {
    await expect(receiverOn(memoryStore(), [k1]).rotateKeys({ batch })).rejects.toThrow(TypeError)
  })
})
