import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createClaimDesk,
  createDispatcher,
  createTransport,
  httpMessageSignatures,
  memoryReplayCache,
  memoryStore,
  postgresStore,
  publicInternet,
  retrySchedule,
  sqliteStore,
  standardWebhooks,
  xHubSignature,
} from 'ringback/dispatcher'
import { expressCallbacks } from 'ringback/express'
import { fastifyCallbacks } from 'ringback/fastify'
import { withCallbacks } from 'ringback/fetch'
import { honoCallbacks } from 'ringback/hono'
import { koaCallbacks } from 'ringback/koa'
import { nodeCallbacks } from 'ringback/node'
import {
  createReceiver,
  memoryStore as receiverMemory,
  postgresStore as receiverPostgres,
  sqliteStore as receiverSqlite,
} from 'ringback/receiver'
import {
  assertReceivedCallback,
  createTestDispatcher,
  createTestReceiver,
  manualClock,
  recordingTransport,
} from 'ringback/testing'
import { afterAll, expect, test } from 'vitest'

type Factory = (options: never) => unknown

const description = { openapi: '3.1.0', info: { title: 't', version: '1' }, paths: {} }
const key = `whsec_${Buffer.alloc(32).toString('base64')}`
const base = { description, fire: 'dry-run', onStart: () => {} }
const ofNode = (options: never): unknown => nodeCallbacks(() => {}, options)
const fetchCallbacks = (options: never): unknown => withCallbacks(() => new Response(), options)
const baseUrl = 'http://127.0.0.1:0'

const STRANGE: [name: string, make: Factory, options: object | undefined, told: string][] = [
  [
    'createDispatcher',
    createDispatcher,
    { singer: 1 },
    'Expected the options of createDispatcher() to have no "singer": did you mean "signer"?',
  ],
  ['createDispatcher', createDispatcher, { breaker: { openMS: 1 } }, 'did you mean "openMs"?'],
  ['createDispatcher', createDispatcher, { breaker: true }, 'Expected breaker to be an object but found boolean'],
  [
    'createDispatcher',
    createDispatcher,
    { breaker: { openMs: '5s' } },
    'Expected openMs in breaker to be a number but found string',
  ],
  ['createDispatcher', createDispatcher, { retention: { deliverdMs: 1 } }, 'did you mean "deliveredMs"?'],
  ['createDispatcher', createDispatcher, { retention: { othersMs: '7d' } }, 'Expected othersMs in retention to be a number'],
  ['createDispatcher', createDispatcher, { retention: { deliveredMs: -1 } }, 'to be a number from 0 but found -1'],
  ['createDispatcher', createDispatcher, { breaker: { openMs: Number.NaN } }, 'to be a number from 0 but found NaN'],
  ['createDispatcher', createDispatcher, { breaker: { failureShare: 70 } }, 'above 0, up to 1 (0.7 is 70 %), found 70'],
  ['createDispatcher', createDispatcher, { breaker: { failureShare: 0 } }, 'above 0, up to 1'],
  ['createDispatcher', createDispatcher, { breaker: { minAttempts: 0 } }, 'Expected "breaker.minAttempts" from 1, found 0'],
  ['createDispatcher', createDispatcher, { breaker: { minAttempts: 1.5 } }, 'minAttempts in breaker to be a whole number from 0'],
  ['createDispatcher', createDispatcher, { intent: { orgin: 'x' } }, 'did you mean "origin"?'],
  ['createDispatcher', createDispatcher, { claimCheck: { parm: 'x' } }, 'did you mean "param"?'],
  [
    'createDispatcher',
    createDispatcher,
    { retry: ['0s', '5s'] },
    'retrySchedule([0, "5s", "30m"]) makes one, but found a list without delayMs()',
  ],
  ['createDispatcher', createDispatcher, { retry: null }, 'but found null without delayMs()'],
  [
    'createDispatcher',
    createDispatcher,
    { store: {} },
    'memoryStore(), sqliteStore() or postgresStore() makes one, but found object',
  ],
  ['createDispatcher', createDispatcher, { transport: {} }, 'createTransport() makes one'],
  ['createDispatcher', createDispatcher, { policy: 'public' }, 'publicInternet() makes one, but found string'],
  ['createDispatcher', createDispatcher, { signer: {} }, 'a signer such as standardWebhooks(), but found object without sign()'],
  ['createDispatcher', createDispatcher, { signer: key }, 'but found string without sign()'],
  [
    'createDispatcher',
    createDispatcher,
    { credentials: {} },
    'Expected credentials in the options of createDispatcher() to be a function',
  ],
  [
    'createDispatcher',
    createDispatcher,
    null as never,
    'Expected the options of createDispatcher() to be an object but found null',
  ],
  ['publicInternet', publicInternet, { devLoopbak: true }, 'did you mean "devLoopback"?'],
  ['publicInternet', publicInternet, { httpsonly: true }, 'did you mean "httpsOnly"?'],
  ['publicInternet', publicInternet, { httpOnly: true }, 'did you mean "httpsOnly"?'],
  ['publicInternet', publicInternet, { httpsOnly: 'true' }, 'to be true or false but found string'],
  ['publicInternet', publicInternet, { allow: '10.0.0.0/8' }, 'to be a list such as ["10.2.0.0/16"], but found string'],
  ['createTransport', createTransport, { totalTimeoutMS: 1 }, 'did you mean "totalTimeoutMs"?'],
  ['createTransport', createTransport, { totalTimeoutMs: '5s' }, 'to be a number but found string'],
  ['createTransport', createTransport, { totalTimeoutMs: -1 }, 'to be a number from 0 but found -1'],
  ['createTransport', createTransport, { totalTimeoutMs: 0 }, 'Expected "totalTimeoutMs" from 1, found 0'],
  ['createTransport', createTransport, { totalTimeoutMs: Number.POSITIVE_INFINITY }, 'to come to an end'],
  ['createTransport', createTransport, { dnsTimeoutMs: Number.NaN }, 'to be a number from 0 but found NaN'],
  ['createTransport', createTransport, { connectionsPerOrigin: 0 }, 'Expected "connectionsPerOrigin" from 1, found 0'],
  ['createTransport', createTransport, { connectionsPerOrigin: 1.5 }, 'to be a whole number from 0, or Infinity, but found 1.5'],
  ['createTransport', createTransport, { maxOrigins: 1.5 }, 'to be a whole number from 0, or Infinity, but found 1.5'],
  ['createTransport', createTransport, { maxResponseBytes: -1 }, 'to be a number from 0 but found -1'],
  ['createTransport', createTransport, { policy: {} }, 'publicInternet()'],
  ['retrySchedule', retrySchedule, {}, 'Expected a list of waits, such as retrySchedule([0, "5s", "30m"]), but found none'],
  ['retrySchedule', (options) => retrySchedule([0], options), { jiter: 0 }, 'did you mean "jitter"?'],
  ['standardWebhooks', standardWebhooks, { key }, 'did you mean "keys"?'],
  ['standardWebhooks', standardWebhooks, {}, 'Expected the options of standardWebhooks() to have keys but found none'],
  ['standardWebhooks', standardWebhooks, { keys: key }, 'to be a list of keys, but found string'],
  ['standardWebhooks', standardWebhooks, { keys: [{ key, expires: 1 }] }, 'did you mean "expiresAt"?'],
  ['standardWebhooks', standardWebhooks, { keys: [{ key, expiresAt: Number.NaN }] }, 'Expected "expiresAt" in milliseconds'],
  ['standardWebhooks', standardWebhooks, { keys: [{ key, expiresAt: '2027-01-01' }] }, 'since the epoch, found 2027-01-01'],
  ['standardWebhooks', standardWebhooks, { keys: [key], toleranceMs: Number.NaN }, 'to be a number from 0 but found NaN'],
  ['xHubSignature', xHubSignature, { secrets: 'x' }, 'did you mean "secret"?'],
  ['xHubSignature', xHubSignature, {}, 'to have secret but found none'],
  ['httpMessageSignatures', httpMessageSignatures, { keys: [], tags: 'x' }, 'did you mean "tag"?'],
  ['memoryReplayCache', memoryReplayCache, { maxEntrys: 1 }, 'there are maxEntries'],
  ['memoryReplayCache', memoryReplayCache, { maxEntries: 0.5 }, 'to be a whole number from 0, or Infinity, but found 0.5'],
  ['memoryStore', memoryStore, { keepSettled: Number.NaN }, 'to be a whole number from 0, or Infinity, but found NaN'],
  ['memoryStore', memoryStore, { keepSettled: '9' }, 'to be a whole number from 0, or Infinity, but found string'],
  ['memoryStore', memoryStore, { keepSettled: -1 }, 'but found -1'],
  ['memoryStore', memoryStore, { keepSettled: null }, 'but found null'],
  ['memoryStore', memoryStore, { keepSetled: 1 }, 'did you mean "keepSettled"?'],
  ['sqliteStore', sqliteStore, undefined, 'Expected the options of sqliteStore({ path }) to be an object but found undefined'],
  [
    'sqliteStore',
    sqliteStore,
    'x.sqlite' as never,
    'Expected the options of sqliteStore({ path }) to be an object but found string',
  ],
  ['sqliteStore', sqliteStore, {}, 'to have path but found none'],
  ['sqliteStore', sqliteStore, { file: 'x' }, 'there are path, '],
  ['sqliteStore', sqliteStore, { path: ':memory:', synchronous: 'off' }, '"full" or "normal", found "off"'],
  ['sqliteStore', sqliteStore, { path: ':memory:', keyring: {} }, 'Expected a keyring with a sealing key but found none'],
  ['sqliteStore', sqliteStore, { path: 7 }, 'to be text but found number'],
  ['postgresStore', postgresStore, { url: 'postgres://' }, 'there are pool, '],
  ['postgresStore', postgresStore, { pool: {} }, 'a Pool of the package pg, but found object'],
  ['createClaimDesk', createClaimDesk, { store: memoryStore() }, 'to have authorize but found none'],
  ['createClaimDesk', createClaimDesk, { stores: 1 }, 'did you mean "store"?'],
  ['createReceiver', createReceiver, { baseUrl, store: {} }, 'of ringback/receiver makes one'],
  ['createReceiver', createReceiver, { baseUrl, store: memoryStore() }, 'of ringback/receiver makes one'],
  ['createReceiver', createReceiver, { baseUrl, onEvent: true }, 'to be a function but found boolean'],
  ['receiver memoryStore', receiverMemory, { maxEndpoint: 1 }, 'did you mean "maxEndpoints"?'],
  ['receiver memoryStore', receiverMemory, { maxEndpoints: 1.5 }, 'to be a whole number from 0, or Infinity, but found 1.5'],
  ['receiver memoryStore', receiverMemory, { maxReadCalls: -2 }, 'to be a whole number from 0, or Infinity, but found -2'],
  ['receiver sqliteStore', receiverSqlite, 'x.sqlite' as never, 'to be an object but found string'],
  ['receiver sqliteStore', receiverSqlite, { path: ':memory:', keyring: {} }, 'there are path, synchronous, pollMs'],
  ['receiver postgresStore', receiverPostgres, {}, 'to have pool but found none'],
  ['expressCallbacks', expressCallbacks, { ...base, basepath: '' }, 'did you mean "basePath"?'],
  ['fastifyCallbacks', fastifyCallbacks, { ...base, stric: true }, 'did you mean "strict"?'],
  ['honoCallbacks', honoCallbacks, { ...base, handler: {} }, 'did you mean "handlers"?'],
  ['koaCallbacks', koaCallbacks, { ...base, onErorr: 1 }, 'did you mean "onError"?'],
  ['nodeCallbacks', ofNode, { ...base, resolve: { repair: 'yes' } }, 'Expected repair in resolve to be true or false'],
  ['nodeCallbacks', ofNode, { ...base, resolve: { fanout: true } }, 'did you mean "fanOut"?'],
  ['nodeCallbacks', ofNode, { ...base, maxTargets: 1.5 }, 'to be a whole number from 0, or Infinity, but found 1.5'],
  ['nodeCallbacks', ofNode, { ...base, resolve: { maxFanOut: 2.5 } }, 'maxFanOut in resolve to be a whole number from 0'],
  ['nodeCallbacks', ofNode, { fire: 'dry-run' }, 'Expected a "description"'],
  ['nodeCallbacks', ofNode, { description, dispatcher: {} }, 'createDispatcher() makes one'],
  ['withCallbacks', fetchCallbacks, { ...base, waituntil: () => {} }, 'did you mean "waitUntil"?'],
  ['withCallbacks', fetchCallbacks, { ...base, waitUntil: true }, 'to be a function but found boolean'],
  ['createTestDispatcher', createTestDispatcher, { respnd: 503 }, 'did you mean "respond"?'],
  ['createTestDispatcher', createTestDispatcher, { retry: [0] }, 'of createTestDispatcher() to be a schedule'],
  ['createTestDispatcher', createTestDispatcher, { clock: { now: () => 0 } }, 'manualClock() makes one'],
  ['recordingTransport', recordingTransport, { respons: 503 }, 'did you mean "respond"?'],
  ['manualClock', manualClock, { begin: 0 }, 'there are start, settled'],
]

test.each(STRANGE)('%s says what is wrong (%#)', (_, make, options, told) => {
  expect(() => make(options as never)).toThrow(TypeError)
  expect(() => make(options as never)).toThrow(told)
})

test('toHaveReceivedCallback does too', async () => {
  await using receiver = await createTestReceiver()
  const endpoint = await receiver.create()
  await expect(assertReceivedCallback(endpoint, { boddy: 3 } as object)).rejects.toThrow(
    'Expected the options of toHaveReceivedCallback() to have no "boddy": there are callback, method, where, timeout',
  )
})

const folder = mkdtempSync(join(tmpdir(), 'ringback-options-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  ['dispatcher', sqliteStore],
  ['receiver', receiverSqlite],
] as const)('a file in a folder that is not there, of the %s', (_, make) => {
  const path = join(folder, 'nope', 'x.sqlite')
  expect(() => make({ path })).toThrow(`There is no folder ${join(folder, 'nope')}: make it first.`)
})

test('an option that is undefined is none, a count may have no end', () => {
  expect(memoryStore({ keepSettled: Number.POSITIVE_INFINITY }).durable).toBe(false)
  expect(receiverMemory({ maxReadCalls: Number.POSITIVE_INFINITY }).durable).toBe(false)
  expect(createDispatcher({ store: undefined, breaker: undefined } as object).durable).toBe(false)
})
