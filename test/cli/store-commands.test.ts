import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createDispatcher,
  type DeliveryStore,
  postgresStore,
  type RetrySchedule,
  retrySchedule,
  sqliteStore,
  standardWebhooks,
} from 'ringback/dispatcher'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { runCommandLine } from '../../src/cli/index.ts'
import { openSqlite } from '../../src/storage/index.ts'
import { answered, callbackRequest, fakeTransport, when } from '../dispatcher/support.ts'
import { buildScript, killHard, type RunningScript, type Script, sourceFile } from '../support/child.ts'
import { testSchemas } from '../support/postgres-schema.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringback-cli-'))
let files = 0
const freshFile = (): string => join(folder, `${files++}.sqlite`)
const schemas = testSchemas()
let script: Script
const cleanUp: (() => unknown)[] = []

beforeAll(async () => {
  script = await buildScript(`await import(${sourceFile('cli/main.ts')})`)
})
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close()
})
afterAll(async () => {
  script.remove()
  await schemas.drop()
  rmSync(folder, { recursive: true })
})

// Processes take a while to start where much else is going on.
vi.setConfig({ testTimeout: 60_000 })

interface Ran {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  /** Of --json. */
  readonly records: readonly Record<string, unknown>[]
}

const clean = { RINGBACK_STORE: '', RINGBACK_KEYS: '', NO_COLOR: '1' }

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningScript {
  const running = script.run(args, { ...clean, ...env })
  cleanUp.push(() => killHard(running.process))
  return running
}

/** The real command, in a process of its own, which takes a while. */
async function runProcess(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return ranOf(args, await start(args, env).ended)
}

/** The same in this process. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  let [stdout, stderr] = ['', '']
  for (const [name, value] of Object.entries({ ...clean, ...env })) vi.stubEnv(name, value)
  try {
    const exitCode = await runCommandLine(args, { stdout: (text) => (stdout += text), stderr: (text) => (stderr += text) })
    return ranOf(args, { exitCode, stdout, stderr })
  } finally {
    vi.unstubAllEnvs()
  }
}

function ranOf(args: readonly string[], { exitCode, stdout, stderr }: Awaited<RunningScript['ended']>): Ran {
  const records = args.includes('--json')
    ? stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : []
  return { exitCode, stdout, stderr, records }
}

const secretUrl = 'https://user:hunter2@a.example/cb?token=needle'
const give = { retry: retrySchedule([0]), breaker: false as const }

/** One delivered, one dead, one pending for a day, one cancelled, each with what must not be shown. */
async function filled(store: DeliveryStore, retry: RetrySchedule = give.retry): Promise<void> {
  const transport = fakeTransport(({ url }) => answered(url.includes('dead.example') ? 410 : 200))
  const dispatcher = createDispatcher({ store, transport, ...give, retry })
  const metadata = { callback: 'onDone', operationId: 'createOrder' }
  const headers = { 'content-type': 'application/json', authorization: 'Bearer needle' }
  await dispatcher.enqueue(callbackRequest('good', secretUrl, { headers, metadata }))
  await dispatcher.enqueue(callbackRequest('dead', 'https://dead.example/cb?token=needle', { headers, metadata }))
  await dispatcher.runDue()
  await dispatcher.enqueue(callbackRequest('later', 'https://b.example/cb?token=needle', { metadata: { callback: 'onMore' } }), {
    delayMs: 86_400_000,
  })
  await dispatcher.enqueue(callbackRequest('cancelled', 'https://b.example/cb', { metadata }), { delayMs: 86_400_000 })
  await dispatcher.cancel('cancelled')
  await dispatcher.destinations.create({ url: 'https://b.example/cb' })
  await dispatcher.stop()
}

interface Place {
  readonly store: DeliveryStore
  readonly address: string
}

async function sqlitePlace(): Promise<Place> {
  const path = freshFile()
  const store = sqliteStore({ path, synchronous: 'normal' })
  cleanUp.push(() => store.close())
  return { store, address: `sqlite:${path}` }
}

async function postgresPlace(): Promise<Place> {
  const { pool, url, close } = await schemas.open()
  cleanUp.push(close)
  return { store: postgresStore({ pool }), address: url }
}

describe.each([
  ['sqlite', sqlitePlace],
  ['postgres', postgresPlace],
] as const)('%s', (_name, makePlace) => {
  test('list and show tell what there is, without secrets', async () => {
    const { store, address } = await makePlace()
    await filled(store)
    const listed = await runProcess(['deliveries', 'list', '--store', address])
    expect(listed).toMatchObject({ exitCode: 0, stderr: '' })
    const lines = listed.stdout.trim().split('\n')
    expect(lines.map((line) => line.split('  ')[1])).toEqual(['cancelled', 'later', 'dead', 'good'])
    expect(lines[3]).toMatch(/delivered {2}1 attempt {2}onDone {2}POST https:\/\/REDACTED@a\.example\/cb\?REDACTED$/)
    expect(lines[2]).toContain('dead (gone)')
    const json = await run(['deliveries', 'list', '--json', '--oldest-first', '--limit', '2'], { RINGBACK_STORE: address })
    expect(json.records).toMatchObject([
      {
        id: 'good',
        state: 'delivered',
        url: 'https://REDACTED@a.example/cb?REDACTED',
        callback: 'onDone',
        operation: 'createOrder',
      },
      { id: 'dead', state: 'dead', reason: 'gone' },
    ])
    expect(json.stderr).toBe('There are more: go on with --after dead\n')
    const more = await run(['deliveries', 'list', '--json', '--oldest-first', '--after', 'dead', '--store', address])
    expect(more.records.map(({ id }) => id)).toEqual(['later', 'cancelled'])

    const shown = await run(['deliveries', 'show', 'good', '--store', address])
    expect(shown).toMatchObject({ exitCode: 0, stderr: '' })
    for (const part of ['attempt 1', 'authorization: REDACTED', 'id: good', '13 bytes of content'])
      expect(shown.stdout).toContain(part)
    const record = await run(['deliveries', 'show', 'dead', '--store', address, '--json'])
    expect(record.records).toMatchObject([{ id: 'dead', attemptRecords: [{ n: 1, outcome: { kind: 'response', status: 410 } }] }])
    for (const { stdout, stderr } of [listed, json, shown, record]) expect(stdout + stderr).not.toMatch(/needle|hunter2/)
    expect(await run(['deliveries', 'show', 'nobody', '--store', address])).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: 'error: there is no delivery nobody\n',
    })
  })

  test('filters', async () => {
    const { store, address } = await makePlace()
    await filled(store)
    const FILTERS: [flags: string[], ids: string[]][] = [
      [['--state', 'dead'], ['dead']],
      [
        ['--origin', 'HTTPS://b.example:443/'],
        ['later', 'cancelled'],
      ],
      [
        ['--callback', 'onDone'],
        ['good', 'dead', 'cancelled'],
      ],
      [['--operation', 'createOrder', '--state', 'delivered'], ['good']],
      [['--reason', 'gone'], ['dead']],
      [['--reason', 'refused'], []],
      [
        ['--since', '1h'],
        ['good', 'dead', 'later', 'cancelled'],
      ],
      [['--until', '1h'], []],
      [['--until', '2020-01-31'], []],
      [['--since', '2020-01-31T10:00:00Z', '--state', 'pending'], ['later']],
      [
        ['later', 'dead'],
        ['dead', 'later'],
      ],
      [['later', 'dead', '--state', 'dead'], ['dead']],
      [['--after', 'cancelled'], []],
      [
        ['--since', '2024-02-29'],
        ['good', 'dead', 'later', 'cancelled'],
      ],
    ]
    for (const [flags, ids] of FILTERS) {
      const { records, exitCode } = await run(['deliveries', 'list', '--store', address, '--json', '--oldest-first', ...flags])
      expect([flags, exitCode, records.map(({ id }) => id)]).toEqual([flags, 0, ids])
    }
  })

  test('ids that nobody knows are told', async () => {
    const { store, address } = await makePlace()
    await filled(store)
    const list = async (...args: string[]) => run(['deliveries', 'list', '--store', address, '--json', ...args])
    const told = { exitCode: 1, stderr: 'error: there is no delivery nobody\n' }
    expect(await list('dead', 'nobody', 'nobody')).toMatchObject({ ...told, records: [{ id: 'dead' }] })
    expect(await list('--after', 'nobody')).toMatchObject({ ...told, records: [] })
  })

  test('requeue, cancel and purge by id', async () => {
    const { store, address } = await makePlace()
    await filled(store)
    const on = ['--store', address]
    const before = (await store.get('later'))?.delivery.dueAt
    const requeued = await runProcess(['deliveries', 'requeue', 'dead', 'later', 'nobody', ...on])
    expect(requeued).toMatchObject({ exitCode: 1, stdout: 'dead requeued\n' })
    // What is scheduled stays as it is.
    expect(requeued.stderr).toBe(
      'later left alone: it is pending; dead, cancelled, delivered can be requeued\nnobody left alone: there is none\n',
    )
    expect((await store.get('later'))?.delivery.dueAt).toBe(before)
    expect(await store.get('dead')).toMatchObject({ delivery: { id: 'dead', state: 'pending', attempts: 1, attemptsBefore: 1 } })
    expect((await run(['deliveries', 'list', 'dead', 'later', ...on])).stdout).toMatch(
      /pending until \d{4}-[\s\S]*pending, due now/,
    )
    const transport = fakeTransport()
    const signer = standardWebhooks({ keys: [`whsec_${Buffer.alloc(32, 1).toString('base64')}`] })
    const dispatcher = createDispatcher({ store, transport, signer, ...give })
    await dispatcher.destinations.enable('https://dead.example/cb')
    const sent = when(dispatcher, 'delivered')
    await dispatcher.runDue()
    // The same webhook-id as ever.
    expect((await sent).delivery.id).toBe('dead')
    expect(transport.sent.map(({ headers }) => headers['webhook-id'])).toEqual(['dead'])

    expect(await run(['deliveries', 'cancel', 'later', '--dry-run', ...on])).toMatchObject({
      exitCode: 0,
      stdout: 'later would be cancelled\n',
    })
    expect((await store.get('later'))?.delivery.state).toBe('pending')
    expect(await run(['deliveries', 'cancel', 'later', '--json', ...on])).toMatchObject({
      exitCode: 0,
      records: [{ id: 'later', cancelled: true }],
    })
    expect((await store.get('later'))?.delivery.state).toBe('cancelled')
    expect(await run(['deliveries', 'purge', 'later', 'good', ...on])).toMatchObject({
      exitCode: 0,
      stdout: 'later purged\ngood purged\n',
    })
    expect((await store.list({ limit: 9 })).map(({ id }) => id)).toEqual(['dead', 'cancelled'])
  })

  test('by filter only with --yes, and what is meant is told before', async () => {
    const { store, address } = await makePlace()
    await filled(store)
    const on = ['--store', address]
    const states = async () => (await store.list({ limit: 9 })).map(({ state }) => state)
    const before = await states()
    const asked = await runProcess(['deliveries', 'requeue', '--callback', 'onDone', ...on])
    expect(asked).toMatchObject({ exitCode: 1, stdout: '' })
    expect(asked.stderr).toBe('1 delivery would be requeued\nNothing was done: say --yes to do it, or --dry-run to see them.\n')
    const dry = await run(['deliveries', 'purge', '--callback', 'onDone', '--dry-run', ...on])
    expect(dry).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/good.*\n.*dead.*\n.*cancelled.*\n3 deliveries would be purged\n$/),
    })
    expect(await states()).toEqual(before)

    // Not what was delivered, unless somebody says so.
    expect(await run(['deliveries', 'requeue', '--callback', 'onDone', '--yes', ...on])).toMatchObject({
      exitCode: 0,
      stdout: '1 delivery requeued\n',
    })
    expect(await states()).toEqual(['delivered', 'pending', 'pending', 'cancelled'])
    expect(await run(['deliveries', 'cancel', '--all', '--limit', '1', '-y', ...on])).toMatchObject({
      stdout: '1 delivery cancelled\n',
    })
    expect(await states()).toEqual(['delivered', 'cancelled', 'pending', 'cancelled'])
    expect(await run(['deliveries', 'purge', '--settled-before', '1h', '-y', ...on])).toMatchObject({
      stdout: '0 deliveries purged\n',
    })
    expect(await run(['deliveries', 'purge', '--all', '-y', ...on])).toMatchObject({
      exitCode: 0,
      stdout: '3 deliveries purged\n',
    })
    expect((await store.list({ limit: 9 })).map(({ id }) => id)).toEqual(['later'])
  })

  test('destinations: list, show, disable, enable, release, rotate-secret', async () => {
    const { store, address } = await makePlace()
    await filled(store)
    const on = ['--store', address]
    const id = 'https://b.example/cb'
    const one = async (...args: string[]) => run(['destinations', ...args, ...on])
    expect(await one('list')).toMatchObject({
      exitCode: 0,
      stdout: `${id}  enabled  1 secret\nhttps://dead.example/cb  ${'disabled since '}${timeIn((await one('list')).stdout)} (gone)  no secret\n`,
    })
    expect(await one('disable', `${id}?token=needle`)).toMatchObject({ exitCode: 0 })
    expect((await store.get('later'))?.delivery.state).toBe('held')
    expect(await one('show', id, '--json')).toMatchObject({
      records: [{ id, enabled: false, disabled: { reason: 'operator' }, secrets: [{ expiresAt: null }] }],
    })
    expect(await one('release', id)).toMatchObject({ exitCode: 1, stderr: 'error: it is disabled: enable it first\n' })
    expect(await one('enable', id)).toMatchObject({ exitCode: 0 })
    expect(await one('release', id)).toMatchObject({ exitCode: 0, stdout: '1 delivery released\n' })
    expect((await store.get('later'))?.delivery.state).toBe('pending')
    const rotated = await one('rotate-secret', id, '--overlap', '1h')
    expect(rotated).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=\n$/) })
    expect((await store.destinations?.get(id))?.secrets.map(({ key }) => key)[0]).toBe(rotated.stdout.trim())
    const shown = await one('show', id)
    expect(shown.stdout).toMatch(/2 secrets\n.*\nan old secret is used until /)
    expect(shown.stdout).not.toContain('whsec_')
    expect(rotated.stderr).toContain('only where the dispatcher has no "signer"')
    for (const [action, advice] of [
      ['show', ''],
      ['enable', ''],
      ['rotate-secret', ': "destinations create" makes one with a secret'],
    ] as const)
      expect(await one(action, 'https://nobody.example/?needle')).toMatchObject({
        exitCode: 1,
        stderr: `error: there is no destination https://nobody.example/${advice}\n`,
      })
    expect(await one('rotate-secret', id, '--overlap', '8d')).toMatchObject({ exitCode: 64 })
    expect(await one('release', 'https://nobody.example/')).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: 'error: there is no destination https://nobody.example/\n',
    })
    expect(await one('disable', 'https://u:hunter2@nobody.example/cb?needle')).toMatchObject({
      exitCode: 0,
      stdout: 'https://nobody.example/cb is disabled: its deliveries are held, those to come too\n',
      stderr: 'It was not known before: see that it is the right one.\n',
    })
    expect(await one('disable', 'https://nobody.example/cb')).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test('destinations create', async () => {
    const { store, address } = await makePlace()
    await filled(store)
    const create = async (...args: string[]) => run(['destinations', 'create', ...args, '--store', address])
    const made = await create('https://new.example/cb?token=needle')
    expect(made).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=\n$/) })
    expect(made.stderr).toMatch(/^This is the secret of https:\/\/new\.example\/cb\. It is not shown again\.\n.*"signer"/)
    expect((await store.destinations?.get('https://new.example/cb'))?.secrets).toEqual([{ key: made.stdout.trim() }])
    expect(await create('https://new.example/cb', '--json')).toMatchObject({
      exitCode: 1,
      stderr: 'error: https://new.example/cb has a secret: "destinations rotate-secret" gives it a new one\n',
    })
    expect(await create('https://other.example/', '--json')).toMatchObject({
      records: [{ id: 'https://other.example/', secret: expect.stringMatching(/^whsec_/) }],
    })
    expect(await create('not a url')).toMatchObject({ exitCode: 64 })
  })

  test('tail ends when nobody reads it any more', async () => {
    const { store, address } = await makePlace()
    await filled(store)
    const tail = start(['deliveries', 'tail', '--store', address, '--every', '20ms'])
    await new Promise((resolve) => tail.process.stderr?.once('data', resolve))
    tail.process.stdout?.destroy()
    await createDispatcher({ store, ...give }).enqueue(callbackRequest('new', 'https://c.example/cb'))
    expect((await tail.ended).exitCode).toBe(0)
  })

  test('tail tells of new deliveries and what becomes of them', async () => {
    const { store, address } = await makePlace()
    await filled(store)
    const tail = start([
      'deliveries',
      'tail',
      '--store',
      address,
      '--json',
      '--every',
      '20ms',
      '--count',
      '3',
      '--callback',
      'onDone',
      '--timeout',
      '30s',
    ])
    await new Promise((resolve) => tail.process.stderr?.once('data', resolve))
    const dispatcher = createDispatcher({ store, transport: fakeTransport(), ...give })
    await dispatcher.enqueue(callbackRequest('other', 'https://c.example/cb', { metadata: { callback: 'onOther' } }))
    await dispatcher.enqueue(callbackRequest('new', 'https://c.example/cb?token=needle', { metadata: { callback: 'onDone' } }), {
      // Enough for a look before it goes out.
      delayMs: 3000,
    })
    await dispatcher.enqueue(callbackRequest('far', 'https://c.example/cb', { metadata: { callback: 'onDone' } }), {
      delayMs: 86_400_000,
    })
    dispatcher.start()
    const { exitCode, stdout } = await tail.ended
    await dispatcher.stop()
    expect(exitCode).toBe(0)
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .map(({ id, state }) => `${id} ${state}`)
    expect(told.sort()).toEqual(['far pending', 'new delivered', 'new pending'])
    expect(stdout).not.toContain('needle')
  })

  test('beside a running dispatcher', async () => {
    const { store, address } = await makePlace()
    let isBroken = true
    const transport = fakeTransport(() => answered(isBroken ? 410 : 200))
    const dispatcher = createDispatcher({ store, transport, ...give, pollMs: 50 })
    dispatcher.start()
    const dead = when(dispatcher, 'dead')
    await dispatcher.enqueue(callbackRequest('a', 'https://a.example/cb'))
    await dead
    isBroken = false
    expect(await runProcess(['destinations', 'enable', 'https://a.example/cb', '--store', address])).toMatchObject({
      exitCode: 0,
    })
    const delivered = when(dispatcher, 'delivered')
    expect(await runProcess(['deliveries', 'requeue', 'a', '--store', address])).toMatchObject({ exitCode: 0 })
    expect((await delivered).delivery).toMatchObject({ id: 'a', attempts: 2 })
    await dispatcher.stop()
  })
})

test('a sealed store is read with a ring from a file or the environment, and its keys rotate', async () => {
  const path = freshFile()
  const [k1, k2] = ['k1', 'k2'].map((kid) => ({ kid, key: new Uint8Array(randomBytes(32)) }))
  if (k1 === undefined || k2 === undefined) throw new Error('Expected two keys.')
  const store = sqliteStore({ path, keyring: { keys: [k1] } })
  cleanUp.push(() => store.close())
  await filled(store)
  const text = (...keys: (typeof k1)[]) => keys.map(({ kid, key }) => `${kid}:${Buffer.from(key).toString('base64')}`).join('\n')
  const file = join(folder, 'keys.txt')
  writeFileSync(file, `# the ring\n${text(k2, k1)}\n`)
  const on = ['--store', `sqlite:${path}`]
  const blind = await run(['deliveries', 'list', ...on])
  expect(blind.exitCode).toBe(0)
  expect(blind.stdout.match(/ERR_KEY_MISSING/g)).toHaveLength(4)
  expect((await run(['deliveries', 'show', 'good', ...on])).stdout).toContain('1 more attempts cannot be opened')
  expect((await runProcess(['deliveries', 'list', '--json', ...on], { RINGBACK_KEYS: text(k1) })).records[3]).toMatchObject({
    id: 'good',
    method: 'POST',
  })
  expect(await run(['deliveries', 'rotate-keys', ...on])).toMatchObject({
    exitCode: 64,
    stderr: 'error: Expected a keyring to seal the records with (--keys or RINGBACK_KEYS), found none.\n',
  })
  const wrongRing = await run(['deliveries', 'rotate-keys', ...on], { RINGBACK_KEYS: text(k2) })
  expect(wrongRing).toMatchObject({
    exitCode: 1,
    stdout: expect.stringMatching(/^\d records sealed again, [1-9] left\n$/),
    stderr: 'Some need sealing keys that are not in the keyring: k1\n',
  })
  expect(await run(['deliveries', 'rotate-keys', '--keys', file, '--batch', '2', ...on])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^\d+ records sealed again, 0 left\n$/),
  })
  expect((await run(['deliveries', 'list', '--json', ...on], { RINGBACK_KEYS: text(k2) })).records[3]).toMatchObject({
    id: 'good',
    method: 'POST',
  })
  for (const ring of ['k1', 'k1:AAAA', `${text(k1)},${text(k1)}`]) {
    const { exitCode, stderr } = await run(['deliveries', 'list', ...on], { RINGBACK_KEYS: ring })
    expect([exitCode, stderr]).toEqual([64, expect.stringMatching(/^error: Expected /)])
    expect(stderr).not.toContain(Buffer.from(k1.key).toString('base64'))
  }
})

test('a purge of many goes in batches', async () => {
  const path = freshFile()
  const store = sqliteStore({ path, synchronous: 'normal' })
  cleanUp.push(() => store.close())
  const ids = Array.from({ length: 1700 }, (_, i) => `d${i}`)
  const dispatcher = createDispatcher({ store })
  await Promise.all(ids.map((id) => dispatcher.enqueue(callbackRequest(id, 'https://a.example/cb'))))
  await dispatcher.cancel(...ids.slice(1))
  expect(await run(['deliveries', 'purge', '--state', 'cancelled', '-y', '--store', `sqlite:${path}`])).toMatchObject({
    exitCode: 0,
    stdout: '1699 deliveries purged\n',
  })
  expect((await store.list({ limit: 9 })).map(({ id }) => id)).toEqual(['d0'])
})

test('a long purge tells on stderr how far it has come, once a second', async () => {
  const path = freshFile()
  const store = sqliteStore({ path, synchronous: 'normal' })
  cleanUp.push(() => store.close())
  const ids = Array.from({ length: 1700 }, (_, i) => `d${i}`)
  const dispatcher = createDispatcher({ store })
  await dispatcher.enqueueAll(ids.map((id) => callbackRequest(id, 'https://a.example/cb')))
  await dispatcher.cancel(...ids)
  let now = Date.now()
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => (now += 600))
  const { exitCode, stdout, stderr } = await run(['deliveries', 'purge', '--all', '-y', '--json', '--store', `sqlite:${path}`])
  clock.mockRestore()
  expect([exitCode, stdout.split('\n').filter(Boolean).length]).toEqual([0, 1700])
  expect(stderr).toMatch(/^(\d+ purged …\n){1,4}1700 deliveries purged\n$/)
})

describe('what cannot be used', () => {
  const foreign = (): string => {
    const path = freshFile()
    const database = openSqlite({ path })
    database.exec('CREATE TABLE orders (id TEXT)')
    database.close()
    return path
  }
  const later = (): string => {
    const path = freshFile()
    void sqliteStore({ path }).close()
    const database = openSqlite({ path })
    database.exec('UPDATE ringback_migration SET version = 99')
    database.close()
    return path
  }
  const text = (): string => {
    const path = freshFile()
    writeFileSync(path, 'this is not a database, but a text that is long enough to be one')
    return path
  }
  const UNUSABLE: [what: string, address: () => string, exitCode: number, why: RegExp][] = [
    ['no such file', () => `sqlite:${join(folder, 'none.sqlite')}`, 2, /found no file .*none\.sqlite/],
    ['a folder', () => `sqlite:${folder}`, 2, /cannot be used/],
    ['another database', () => `sqlite:${foreign()}`, 2, /Expected the tables of the dispatcher, found none/],
    ['a text', () => `sqlite:${text()}`, 2, /not a database/],
    ['a later version', () => `sqlite:${later()}`, 2, /version 1 or before, found 99: a later ringback/],
    ['no server', () => 'postgres://u:hunter2@127.0.0.1:1/db', 2, /ECONNREFUSED/],
    ['no address', () => 'hunter2', 64, /sqlite:FILE or postgres/],
    ['an address of something else', () => 'mysql://u:hunter2@127.0.0.1/db', 64, /sqlite:FILE or postgres/],
  ]
  test.each(UNUSABLE)('%s', async (_what, address, exitCode, why) => {
    const ran = await run(['deliveries', 'list', '--store', address()])
    expect([ran.exitCode, ran.stdout]).toEqual([exitCode, ''])
    expect(ran.stderr).toMatch(why)
    expect(ran.stderr).not.toMatch(/bug in ringback|at async/)
    expect(ran.stderr).not.toContain('hunter2')
  })

  test.each([
    'postgres://u:hunter2#x@127.0.0.1/db',
    'postgres://u:hunter2/x@127.0.0.1/db',
    "mysql://u:hunter2' is invalid.@h/db",
    'mysql:/u:hunter2\n@h/db',
    'hunter2',
  ])('a password is not told, in what is no address: %j', async (address) => {
    for (const given of [
      run(['deliveries', 'list', '--store', address]),
      run(['deliveries', 'list'], { RINGBACK_STORE: address }),
    ]) {
      const ran = await given
      expect(ran).toMatchObject({ exitCode: 64, stdout: '', stderr: expect.stringMatching(/sqlite:FILE or postgres/) })
      expect(ran.stderr).not.toContain('hunter2')
    }
  })

  test.each([
    ['deliveries', 'list', '--sotre=https://u:hunter2@a.example/cb'],
    ['deliveries', 'list', '--store', 'sqlite:x', '--origin', 'ftp://u:hunter2@a.example/cb'],
    ['destinations', 'create', 'ftp://u:hunter2#@a.example/cb', '--store', 'sqlite:x'],
  ])('nor anywhere else: %s %s %s', async (...args) => {
    const ran = await run(args)
    expect(ran.exitCode).toBe(64)
    expect(ran.stderr).toMatch(/^error: /)
    expect(ran.stderr).not.toContain('hunter2')
  })

  test('nothing is made, and nothing is changed, in a file that is no store', async () => {
    const path = foreign()
    const database = openSqlite({ path })
    database.exec('PRAGMA journal_mode = DELETE')
    await run(['deliveries', 'purge', '--all', '-y', '--store', `sqlite:${path}`])
    expect(database.prepare('SELECT name FROM sqlite_schema').all([])).toEqual([{ name: 'orders' }])
    expect(database.prepare('PRAGMA journal_mode').get([])).toEqual({ journal_mode: 'delete' })
    database.close()
  })

  test('an empty database of PostgreSQL stays empty', async () => {
    const { pool, url, close } = await schemas.open()
    cleanUp.push(close)
    expect(await run(['deliveries', 'list', '--store', url])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/tables of the dispatcher, found none/),
    })
    expect((await pool.query("SELECT to_regclass('ringback_migration') AS found")).rows).toEqual([{ found: null }])
  })

  const MISUSE: string[][] = [
    ['deliveries', 'list'],
    ['deliveries', 'requeue', '--store', 'sqlite:x'],
    ['deliveries', 'list', '--store', 'sqlite:x', '--since', 'yesterday'],
    ['deliveries', 'list', '--store', 'sqlite:x', '--state', 'lost'],
    ['deliveries', 'cancel', '--store', 'sqlite:x', '--state', 'delivered', '-y'],
    ['deliveries', 'list', '--store', 'sqlite:x', '--origin', 'a.example'],
    ['deliveries', 'list', '--store', 'sqlite:x', '--origin', 'https://b.example/cb'],
    ['deliveries', 'purge', '--yes', '--store=sqlite:x', '--origin', 'https://b.example?a'],
    ['deliveries', 'list', '--store', 'sqlite:x', '--since', '2026-02-31'],
    ['deliveries', 'list', '--store', 'sqlite:x', '--until', '2026-02-29T00:00:00+23:00'],
    ['destinations', 'disable', 'b.example/cb', '--store', 'sqlite:x'],
    ['deliveries', 'list', '--store', 'sqlite:x', '--keys', 'no-such-file'],
    ['deliveries', 'list', '--store', 'sqlite:x', '--limit', '0'],
    ['deliveries', 'nonsense'],
  ]
  test.each(MISUSE)('%s %s %s %s %s', async (...args) => {
    const path = freshFile()
    void sqliteStore({ path }).close()
    const ran = await run(args.filter(Boolean).map((arg) => (arg === 'sqlite:x' ? `sqlite:${path}` : arg)))
    expect([ran.exitCode, ran.stdout]).toEqual([64, ''])
    expect(ran.stderr).toMatch(/^error: /)
  })

  test('ids and filters at once are misuse', async () => {
    const path = freshFile()
    void sqliteStore({ path }).close()
    expect(await run(['deliveries', 'cancel', 'a', '--all', '--store', `sqlite:${path}`])).toMatchObject({
      exitCode: 64,
      stderr: 'error: Expected ids or filters, found both.\n',
    })
  })
})

function timeIn(text: string): string {
  return /since (\S+)/.exec(text)?.[1] ?? ''
}
