import { isRingbackError, RingbackError } from '../errors/index.ts'
import { checkNames } from '../util/index.ts'
import { finished } from './answer.ts'
import { createAnswerer } from './answer-arrival.ts'
import { prefixesOf } from './arrival.ts'
import type { CallbackEndpoint } from './callback-endpoint.ts'
import type { Receiver } from './callback-receiver.ts'
import { type Contract, contractOf, type OpenApiOptions, targetOptionNames } from './contract/index.ts'
import type { Core } from './core.ts'
import { type CreateOptions, createOptionNames } from './create-options.ts'
import { createDeadlines } from './deadlines.ts'
import { milliseconds } from './duration.ts'
import { createEndpoint } from './endpoint.ts'
import { CallbackEndpointError, unknownEndpoint } from './errors.ts'
import { createEmit } from './events.ts'
import { arrivalOfRequest, responseOf } from './fetch-adapter.ts'
import { startServer } from './listen.ts'
import { makeCall } from './make-call.ts'
import { nameOf } from './name-of.ts'
import { arrivalOfMessage, writeAnswer } from './node-adapter.ts'
import { configOf, isLoopback, type ReceiverOptions } from './options.ts'
import { placeOf } from './places.ts'
import { repeat } from './repeat.ts'
import { rotateKeys } from './rotation.ts'
import { glanceAt, newSettings, storedSettings } from './settings.ts'
import { type Method, methods } from './status.ts'
import { statusOf } from './status-of.ts'
import type { EndpointRow } from './store.ts'
import { createStoreTime } from './store-time.ts'
import { sweep } from './sweep.ts'
import { createWaits } from './waits.ts'

/** Parts of an endpoint that change what the reader of a call gets. */
const readingParts: ReadonlySet<string> = new Set(['schema', 'claimCheck'])

const listPage = 100
/** How often the time of a store is asked for. */
const timeEveryMs = 60_000

export function createReceiver(options: ReceiverOptions): Receiver {
  const config = configOf(options)
  const { store } = config
  const time = createStoreTime(config.clock, store, options.clock !== undefined)
  const { clock } = time
  let starting: Promise<void> | undefined
  const upkeep: { stop(): void }[] = []

  const core: Core = {
    ...config,
    clock,
    deadlines: createDeadlines(clock),
    emit: createEmit(options.onEvent, () => clock.now()),
    settings: new Map(),
    injections: new Map(),
    manual: new Map(),
    traffic: { paused: false, closed: false, unknown: 0 },
    listeners: new Set(),
    started() {
      if (core.traffic.closed)
        return Promise.reject(new RingbackError('ERR_RECEIVER_CLOSED', 'Expected an open receiver but it was closed'))
      starting ??= start().catch((error: unknown) => {
        // A database that was away may be back for the next request.
        starting = undefined
        throw error
      })
      return starting
    },
    async settingsFor(row) {
      return core.settings.get(row.id) ?? storedSettings(core.sealer.open(row.sealed, placeOf.endpoint(row.id)))
    },
    callFrom: (row) => makeCall(core, row),
    async checkReadable({ id, sealed }) {
      if (core.settings.has(id)) return
      const missing = liveParts(id, sealed).find((part) => readingParts.has(part))
      if (missing === undefined) return
      throw new CallbackEndpointError(
        'ERR_CALLBACK_ELSEWHERE',
        id,
        `Expected to read callback ${id} in the process that made it, since its ${missing} is a function over there: read it there, or create it here again with its idempotencyKey`,
      )
    },
    underway: new Set(),
  }
  const waits = createWaits(core)
  const answerArrival = createAnswerer(core)
  const servers = new Set<() => Promise<void>>()
  /** Of endpoints that may be asked for again by their `idempotencyKey`. */
  const secrets = new Map<string, string>()
  let prunedAt = 1000

  async function start(): Promise<void> {
    // First, since it can be asked again should it fail; a store is started once.
    await time.ask()
    await store.start((signal) => {
      for (const listener of core.listeners) listener(signal)
    })
    if (core.traffic.closed) return
    if (store.now !== undefined)
      upkeep.push(
        repeat(
          () => timeEveryMs,
          () => time.ask().catch(() => {}),
          config.clock,
        ),
      )
    const { sweepEveryMs } = config
    if (sweepEveryMs !== undefined) upkeep.push(repeat(() => sweepEveryMs, sweepByItself, config.clock))
  }

  async function sweepByItself(): Promise<void> {
    const sweeping = sweep(core).then(pruneSettings)
    core.underway.add(sweeping)
    try {
      await sweeping
    } catch (error) {
      // The next turn tries again; who waits for nothing but the sweep hears of it.
      core.emit('failed', '', `sweep: ${error instanceof Error ? error.name : typeof error}`)
    } finally {
      core.underway.delete(sweeping)
    }
  }

  function node(): ReturnType<Receiver['node']> {
    return (request, response, next) => {
      answerArrival(arrivalOfMessage(request))
        .then((answer) => {
          if (answer !== undefined) writeAnswer(request, response, answer)
          else if (next !== undefined) next()
          else response.writeHead(404).end()
        })
        .catch((error: unknown) => (next === undefined ? response.destroy() : next(error)))
    }
  }

  function liveParts(id: string, sealed: Uint8Array): readonly string[] {
    try {
      return glanceAt(core.sealer.open(sealed, placeOf.endpoint(id))).live
    } catch (error) {
      // Nothing will mend it, and its calls are sealed for themselves.
      if (isRingbackError(error, 'ERR_SEAL_BROKEN')) return []
      throw error
    }
  }

  async function make<T>(options: CreateOptions<T>, contract?: Contract): Promise<CallbackEndpoint<T>> {
    const id = config.profile.urls.newId(config.random)
    const { secret, hash } = config.tokens.mint(id)
    const lifeMs = milliseconds(options.expiresIn ?? config.profile.lifeMs, 'expiresIn', { infinity: true })
    const { settings, bytes, parts } = await newSettings(options as CreateOptions, config.profile, config.random(32), contract)
    const { slots = config.profile.slots, maxCalls = config.profile.maxCalls ?? Number.POSITIVE_INFINITY } = options
    const methods = methodsOf(contract?.methods ?? options.method ?? 'POST')
    const idempotencyKey = options.idempotencyKey === undefined ? null : nameOf(options.idempotencyKey, 'idempotencyKey')
    const unread = wholeNumber(slots, 'slots', 0)
    const most = maxCalls === Number.POSITIVE_INFINITY ? null : wholeNumber(maxCalls, 'maxCalls', 1)
    // Whose time counts is known once the store has been asked.
    await core.started()
    const now = clock.now()
    const row: EndpointRow = {
      id,
      tokenHash: hash,
      methods,
      slots: unread,
      maxCalls: most,
      state: 'open',
      reason: null,
      createdAt: now,
      expiresAt: lifeMs === Number.POSITIVE_INFINITY ? null : now + lifeMs,
      endedAt: null,
      idempotencyKey,
      ...core.sealer.seal(bytes, placeOf.endpoint(id)),
    }
    const inserted = await store.insertEndpoint(row)
    if (!inserted.created) {
      // After a restart the functions of an endpoint come back with who asks for it again.
      const known = inserted.row
      if ((await core.settingsFor(known)) === undefined) {
        const revived = await storedSettings(core.sealer.open(known.sealed, placeOf.endpoint(known.id)), parts)
        if (revived !== undefined) core.settings.set(known.id, revived)
      }
      return createEndpoint<T>(core, waits, known, secrets.get(known.id))
    }
    core.settings.set(id, settings)
    if (row.idempotencyKey !== null) secrets.set(id, secret)
    await pruneSettings()
    core.emit('created', id)
    return createEndpoint<T>(core, waits, inserted.row, secret)
  }

  /** Functions of endpoints that the store has forgotten are forgotten too, each time as many are new as were kept. */
  async function pruneSettings(): Promise<void> {
    if (core.settings.size < prunedAt) return
    for (const id of core.settings.keys()) {
      if ((await store.getEndpoint(id)) === null) {
        core.settings.delete(id)
        secrets.delete(id)
      }
    }
    prunedAt = Math.max(1000, core.settings.size * 2)
  }

  return {
    async create<T>(options: CreateOptions<T> = {}) {
      checkNames(options, createOptionNames, 'the options of create()')
      return make<T>(options)
    },

    async createFromOpenAPI<T>(options: OpenApiOptions & Omit<CreateOptions<T>, 'subPaths'>) {
      checkNames(options, { ...targetOptionNames, ...createOptionNames }, 'the options of createFromOpenAPI()')
      const contract = contractOf(options, options as Pick<CreateOptions, 'method' | 'respond'>)
      const endpoint = await make<T>(options, contract)
      if (options.exchange !== undefined) await endpoint.bind(options.exchange)
      return endpoint
    },

    async open<T>(id: string) {
      if (typeof id !== 'string') throw new TypeError(`Expected the id of a callback as text but found ${typeof id}`)
      await core.started()
      const row = await store.getEndpoint(id)
      if (row === null) throw unknownEndpoint(id)
      return createEndpoint<T>(core, waits, row, undefined)
    },

    async *list({ state, limit = Number.POSITIVE_INFINITY, after } = {}) {
      await core.started()
      let left = limit
      for (let last = after; left > 0; ) {
        const page = await store.list({
          ...(state === undefined ? {} : { state }),
          ...(last === undefined ? {} : { after: last }),
          limit: Math.min(left, listPage),
          now: clock.now(),
        })
        for (const snapshot of page) yield statusOf(core, snapshot)
        if (page.length < Math.min(left, listPage)) return
        left -= page.length
        last = page.at(-1)?.row.id
      }
    },

    prefixes: prefixesOf(config),

    async handle(request, { remoteAddress } = {}) {
      const answer = await answerArrival(arrivalOfRequest(request, remoteAddress))
      return responseOf(answer ?? finished(core.profile.refusal({ kind: 'unknown' }), request.method))
    },

    node,

    async listen({ port = ownPort(core.base), host = '127.0.0.1' } = {}) {
      await core.started()
      const server = await startServer(node(), port, host)
      if (core.base.port === '0') core.base.port = String(server.port)
      const close = (): Promise<void> => server.close().finally(() => servers.delete(close))
      servers.add(close)
      return { url: core.base.href.replace(/\/$/, ''), close }
    },

    pause() {
      core.traffic.paused = true
    },

    resume() {
      core.traffic.paused = false
    },

    async sweep() {
      await core.started()
      const result = await sweep(core)
      prunedAt = 0
      await pruneSettings()
      return result
    },

    async rotateKeys(options) {
      await core.started()
      return rotateKeys(core, options)
    },

    async [Symbol.asyncDispose]() {
      if (core.traffic.closed) return
      await starting?.catch(() => {})
      core.traffic.closed = true
      for (const { stop } of upkeep.splice(0)) stop()
      waits.close()
      core.deadlines.finish()
      await Promise.all([...servers].map((close) => close()))
      await Promise.allSettled([...core.underway])
      await store.stop()
    },
  }
}

/** Where nothing else can listen under `baseUrl`, we do; 0 is any port that is free. */
function ownPort({ protocol, hostname, port }: URL): number {
  return protocol === 'http:' && isLoopback(hostname) ? Number(port === '' ? 80 : port) : 0
}

function methodsOf(option: Method | readonly Method[]): Method[] {
  const chosen = [...new Set([option].flat())]
  const unknown = chosen.find((method) => !methods.includes(method))
  if (unknown === undefined && chosen.length > 0) return chosen
  throw new TypeError(`Expected method to be one or more of ${methods.join(', ')} but found ${JSON.stringify(unknown ?? option)}`)
}

function wholeNumber(value: number, name: string, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new TypeError(`Expected ${name} to be a whole number from ${least} on but found ${String(value)}`)
}
