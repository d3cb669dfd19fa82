import { Agent, Client, type Dispatcher, Pool } from 'undici/index.js'
import { type ClientIdentity, withIdentity } from './client-identity.ts'
import { createGuard, type GuardOptions } from './connector.ts'
import type { ConnectionState, ExchangeHandler } from './exchange-handler.ts'
import { passOverContinue } from './pass-over-continue.ts'

export interface AgentOptions extends GuardOptions {
  readonly connectionsPerOrigin: number
  readonly maxOrigins: number
  readonly maxHeaderBytes: number
}

/** What an agent of these is given: the request knows the handler that follows it. */
export interface TrackedDispatch extends Dispatcher.DispatchOptions {
  readonly exchange: ExchangeHandler
}

const keepAliveMs = 10_000

/** An undici agent, each of whose connections is held to the policy. Throws when the identity is none that TLS can use. */
export function guardedAgent(options: AgentOptions, identity: ClientIdentity | undefined): Agent {
  const tls = identity === undefined ? options.tls : withIdentity(options.tls, identity)
  return new Agent({
    connections: options.connectionsPerOrigin,
    maxOrigins: options.maxOrigins,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    maxHeaderSize: options.maxHeaderBytes,
    // The total timeout rules: undici's own would only end the same request later, or never when bytes drip.
    headersTimeout: 0,
    bodyTimeout: 0,
    factory: (origin, poolOptions) => {
      const guard = createGuard({ ...options, tls })
      return new Pool(origin, {
        ...poolOptions,
        factory: (url: URL, clientOptions: object) => {
          const connection: ConnectionState = { facts: {}, requests: 0, awaitsHead: false, heard: false }
          const dialled = guard((facts) => {
            connection.facts = facts
            connection.requests = 0
          })
          const connect: typeof dialled = (target, callback) =>
            dialled(target, (...[error, socket]) => {
              if (error !== null) return callback(error, null)
              passOverContinue(socket, connection, options.maxHeaderBytes)
              callback(null, socket)
            })
          return new TrackedClient(url, { ...clientOptions, connect }, connection)
        },
      })
    },
  })
}

/** A client is one connection at a time, so the request that it takes is told about that connection. */
class TrackedClient extends Client {
  readonly #connection: ConnectionState

  constructor(url: URL, options: Client.Options, connection: ConnectionState) {
    super(url, options)
    this.#connection = connection
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if ('exchange' in options) (options as TrackedDispatch).exchange.useConnection(this.#connection)
    return super.dispatch(options, handler)
  }
}
