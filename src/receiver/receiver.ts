import { isRingbackError, RingbackError } from '../errors/index.ts'
import { checkNames } from '../util/index.ts'
import { finished } from './answer.ts'
import { createAnswerer } from './answer-arrival.ts'
import { prefixesOf } from './arrival.ts'
import type { Receiver } from './callback-receiver.ts'
import { contractOf, type OpenApiOptions, targetOptionNames } from './contract/index.ts'
import type { Core } from './core.ts'
import { type CreateOptions, createOptionNames } from './create-options.ts'
import { createDeadlines } from './deadlines.ts'
import { createEndpoint } from './endpoint.ts'
import { errorName } from './error-name.ts'
import { CallbackEndpointError, unknownEndpoint } from './errors.ts'
import { createEmit } from './events.ts'
import { arrivalOfRequest, responseOf } from './fetch-adapter.ts'
import { startServer } from './listen.ts'
import { makeCall } from './make-call.ts'
import { createMaker } from './maker.ts'
import { arrivalOfMessage, writeAnswer } from './node-adapter.ts'
import { configOf, isLoopback, type ReceiverOptions } from './options.ts'
import { placeOf } from './places.ts'
import { repeat } from './repeat.ts'
import { rotateKeys } from './rotation.ts'
import { glanceAt, storedSettings } from './settings.ts'
import { statusOf } from './status-of.ts'
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
  const maker = createMaker(core, waits)
  const answerArrival = createAnswerer(core)
  const servers = new Set<() => Promise<void>>()

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
    const sweeping = sweep(core).then(() => maker.prune())
    core.underway.add(sweeping)
    try {
      await sweeping
    } catch (error) {
      // The next turn tries again; who waits for nothing but the sweep hears of it.
      core.emit('failed', '', `sweep: ${errorName(error)}`)
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

  async function close(): Promise<void> {
    if (core.traffic.closed) return
    await starting?.catch(() => {})
    core.traffic.closed = true
    for (const { stop } of upkeep.splice(0)) stop()
    waits.close()
    core.deadlines.finish()
    await Promise.all([...servers].map((closeServer) => closeServer()))
    await Promise.allSettled([...core.underway])
    await store.stop()
  }

  return {
    async create<T>(options: CreateOptions<T> = {}) {
      checkNames(options, createOptionNames, 'the options of create()')
      return maker.make<T>(options)
    },

    async createFromOpenAPI<T>(options: OpenApiOptions & Omit<CreateOptions<T>, 'subPaths'>) {
      checkNames(options, { ...targetOptionNames, ...createOptionNames }, 'the options of createFromOpenAPI()')
      const contract = contractOf(options, options as Pick<CreateOptions, 'method' | 'respond'>)
      const endpoint = await maker.make<T>(options, contract)
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
      await maker.prune({ now: true })
      return result
    },

    async rotateKeys(options) {
      await core.started()
      return rotateKeys(core, options)
    },

    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Where nothing else can listen under `baseUrl`, we do; 0 is any port that is free. */
function ownPort({ protocol, hostname, port }: URL): number {
  return protocol === 'http:' && isLoopback(hostname) ? Number(port === '' ? 80 : port) : 0
}
