import { isIP, type LookupFunction, type Socket } from 'node:net'
import { buildConnector } from 'undici/index.js'
import type { Clock } from '../util/index.ts'
import type { Refusal } from './refusal.ts'
import type { FailureCause, Phase } from './report.ts'
import type { Resolver } from './resolver.ts'
import type { JudgedTarget, JudgedUrl, UrlPolicy } from './url-policy.ts'

/** What one connection knows of itself. */
export interface ConnectionFacts {
  remoteAddress?: string
  dnsMs?: number
  connectMs?: number
  tlsMs?: number
}

/** Why no connection was made; it becomes the error of every request that waited for the connection. */
export class ConnectFailure extends Error {
  readonly phase: Phase
  readonly reason: FailureCause
  readonly code: string
  readonly refusal: Refusal | undefined

  constructor(phase: Phase, reason: FailureCause, code: string, message: string, refusal?: Refusal, options?: ErrorOptions) {
    super(message, options)
    this.phase = phase
    this.reason = reason
    this.code = code
    this.refusal = refusal
  }
}

/** Opens a TCP or TLS connection to addresses that have been vetted. undici's own connector unless a test brings another. */
export type Dialler = buildConnector.connector

export interface GuardOptions {
  readonly policy: UrlPolicy
  readonly resolver: Resolver
  readonly clock: Clock
  readonly dnsTimeoutMs: number
  /** For TCP and TLS together. */
  readonly connectTimeoutMs: number
  /** Extra options of `tls.connect`, such as `ca`. */
  readonly tls: object
  readonly dialler: DiallerFactory
}

/** `lookup` answers with vetted addresses only; for a literal it is not called. */
export type DiallerFactory = (options: {
  readonly lookup: LookupFunction
  readonly timeout: number
  readonly tls: object
}) => Dialler

export const undiciDialler: DiallerFactory = ({ lookup, timeout, tls }) =>
  buildConnector({ ...tls, lookup, timeout, allowH2: false, autoSelectFamily: true } as buildConnector.BuildOptions)

/**
 * The authoritative guard of one origin: judges the host and the port, asks the resolver once per connection, vets every address of the
 * answer, hands only those to the socket, and looks at the address of the socket again. `onDial` gets the facts of each connection at its
 * beginning; they are filled as it comes about.
 */
export function createGuard(options: GuardOptions): (onDial: (facts: ConnectionFacts) => void) => buildConnector.connector {
  let vetted: readonly string[] = []
  // One dialler for the origin keeps its cache of TLS sessions. Whichever answer a socket takes up, it has been vetted.
  const dial = options.dialler({
    lookup: (_hostname, lookupOptions, callback) => answer(vetted, lookupOptions.all === true, callback),
    timeout: options.connectTimeoutMs,
    tls: options.tls,
  })
  const connect = async (target: buildConnector.Options, facts: ConnectionFacts): Promise<Socket> => {
    const judged = judgeTarget(options.policy, target)
    const startedAt = options.clock.now()
    vetted = judged.isLiteral ? [judged.host] : await vettedAddresses(options, judged)
    facts.dnsMs = options.clock.now() - startedAt
    const socket = await dialled(dial, target, facts, options.clock)
    facts.remoteAddress = remoteAddressOf(socket, options.policy, judged)
    return socket
  }
  return (onDial) => (target, callback) => {
    const facts: ConnectionFacts = {}
    onDial(facts)
    connect(target, facts).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    )
  }
}

function judgeTarget(policy: UrlPolicy, target: buildConnector.Options): JudgedUrl {
  const host = isIP(target.hostname) === 6 ? `[${target.hostname}]` : target.hostname
  const judged = policy.judge(`${target.protocol}//${host}${target.port === '' ? '' : `:${target.port}`}/`)
  if (!judged.ok) throw refused(judged.error)
  return judged.value
}

async function vettedAddresses(options: GuardOptions, target: JudgedTarget): Promise<readonly string[]> {
  const addresses = await resolveInTime(options, target.host)
  if (addresses.length === 0) throw new ConnectFailure('dns', 'dns', 'ENOTFOUND', `No address for ${target.host}.`)
  for (const address of addresses) {
    const verdict = options.policy.judgeAddress(address, target)
    if (!verdict.ok) throw refused(verdict.error)
  }
  return addresses
}

function resolveInTime({ resolver, clock, dnsTimeoutMs }: GuardOptions, host: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => {
      reject(new ConnectFailure('dns', 'timeout', 'ETIMEDOUT', `No answer for ${host} in ${dnsTimeoutMs} ms.`))
    }, dnsTimeoutMs)
    resolver(host).then(
      (addresses) => {
        timer.cancel()
        resolve(addresses)
      },
      (error: unknown) => {
        timer.cancel()
        reject(
          new ConnectFailure('dns', 'dns', codeOf(error, 'ENOTFOUND'), `${host} was not resolved.`, undefined, { cause: error }),
        )
      },
    )
  })
}

function dialled(dial: Dialler, target: buildConnector.Options, facts: ConnectionFacts, clock: Clock): Promise<Socket> {
  const startedAt = clock.now()
  let tcpMs: number | undefined
  return new Promise<Socket>((resolve, reject) => {
    const dialling: unknown = dial(target, (error, socket) => {
      if (error !== null) {
        reject(connectFailure(error, tcpMs !== undefined && target.protocol === 'https:'))
        return
      }
      const connectedMs = clock.now() - startedAt
      facts.connectMs = tcpMs ?? connectedMs
      if (target.protocol === 'https:') facts.tlsMs = connectedMs - facts.connectMs
      resolve(socket)
    })
    // undici's connector returns the socket that it dials: its `connect` comes before the TLS handshake.
    if (isSocket(dialling)) {
      dialling.once('connect', () => {
        tcpMs = clock.now() - startedAt
      })
    }
  })
}

/** The last look: whatever happened in between, this is whom the bytes would go to. */
function remoteAddressOf(socket: Socket, policy: UrlPolicy, target: JudgedTarget): string {
  const { remoteAddress } = socket
  const verdict = policy.judgeAddress(remoteAddress ?? '', target)
  if (verdict.ok) return verdict.value
  socket.on('error', () => {}).destroy()
  if (remoteAddress !== undefined) throw refused(verdict.error)
  throw new ConnectFailure('connect', 'connect', 'ECONNRESET', 'The connection closed as soon as it was made.')
}

/** `autoSelectFamily` asks for all addresses, other paths of `node:net` for one. */
function answer(addresses: readonly string[], all: boolean, callback: Parameters<LookupFunction>[2]): void {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }))
  const [first] = answers
  if (all || first === undefined) callback(null, answers)
  else callback(null, first.address, first.family)
}

function refused(refusal: Refusal): ConnectFailure {
  return new ConnectFailure('policy', 'connect', 'ERR_TARGET_REFUSED', refusal.detail, refusal)
}

function connectFailure(error: Error, inTls: boolean): ConnectFailure {
  const code = codeOf(error, 'ECONNFAILED')
  const isTls = inTls || /^(ERR_(TLS|SSL)|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code)
  const reason = code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT' ? 'timeout' : isTls ? 'tls' : 'connect'
  return new ConnectFailure(isTls ? 'tls' : 'connect', reason, code, error.message, undefined, { cause: error })
}

function codeOf(error: unknown, fallback: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : fallback
}

function isSocket(value: unknown): value is Socket {
  return typeof value === 'object' && value !== null && 'once' in value
}
