import type { Dispatcher } from 'undici'
import type { Clock, Mutable } from '../util/index.ts'
import { ConnectFailure, type ConnectionFacts } from './connector.ts'
import type { ResponseState } from './pass-over-continue.ts'
import type { FailureCause, Phase, SendOutcome, SendReport, Timings } from './report.ts'

/** What the client of one connection tells the requests that it takes. */
export interface ConnectionState extends ResponseState {
  facts: ConnectionFacts
  requests: number
}

const noBytes = new Uint8Array(0)

/** Follows one request through undici and makes the report of it. Settles exactly once, whatever comes afterwards. */
export class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #clock: Clock
  readonly #maxResponseBytes: number
  readonly #settle: (report: SendReport) => void
  readonly #startedAt: number
  readonly #chunks: Buffer[] = []
  #receivedBytes = 0
  #controller: Dispatcher.DispatchController | undefined
  #connection: ConnectionState | undefined
  #reused = false
  #phase: Phase = 'connect'
  #head: { readonly status: number; readonly headers: SendOutcomeHeaders; readonly at: number } | undefined
  #settled = false

  constructor(clock: Clock, startedAt: number, maxResponseBytes: number, settle: (report: SendReport) => void) {
    this.#clock = clock
    this.#maxResponseBytes = maxResponseBytes
    this.#settle = settle
    this.#startedAt = startedAt
  }

  useConnection(connection: ConnectionState): void {
    this.#connection = connection
  }

  /** Ends the request now, wherever it is. */
  end(cause: FailureCause, code: string, message: string): void {
    if (this.#settled) return
    if (this.#head !== undefined) this.#finish(this.#response('broken'))
    else this.#finish({ kind: 'failed', cause, code, message })
    this.#controller?.abort(new Error(message))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#settled) {
      // It ended while it waited for a connection, and was reported as not sent: it must not be sent now.
      controller.abort(new Error('The request ended before it was sent.'))
      return
    }
    this.#phase = 'request'
    this.#reused = (this.#connection?.requests ?? 0) > 0
    if (this.#connection === undefined) return
    this.#connection.requests++
    this.#connection.awaitsHead = true
    this.#connection.heard = false
  }

  onRequestUpgrade(controller: Dispatcher.DispatchController): void {
    controller.abort(new Error('Unexpected upgrade.'))
    this.#finish({ kind: 'failed', cause: 'protocol', code: 'ERR_UPGRADE', message: 'The peer switched protocols.' })
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: SendOutcomeHeaders): void {
    if (this.#settled || status < 200) return
    this.#phase = 'response'
    this.#head = { status, headers, at: this.#clock.now() }
    if (Number(headers['content-length'] ?? 0) > 0) this.#phase = 'body'
    if (this.#maxResponseBytes === 0) this.#cutOff(controller)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return
    this.#phase = 'body'
    const room = this.#maxResponseBytes - this.#receivedBytes
    this.#chunks.push(chunk.byteLength > room ? chunk.subarray(0, room) : chunk)
    this.#receivedBytes += Math.min(room, chunk.byteLength)
    if (chunk.byteLength > room) this.#cutOff(controller)
  }

  onResponseEnd(): void {
    if (!this.#settled) this.#finish(this.#response('complete'))
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#settled) return
    if (this.#head !== undefined) this.#finish(this.#response('broken'))
    else this.#finish(this.#failure(error))
  }

  #cutOff(controller: Dispatcher.DispatchController): void {
    this.#finish(this.#response('truncated'))
    controller.abort(new Error('The response is longer than it may be.'))
  }

  #response(completeness: 'complete' | 'truncated' | 'broken'): SendOutcome {
    const [first = noBytes] = this.#chunks
    const body = this.#chunks.length < 2 ? first : Buffer.concat(this.#chunks)
    return { kind: 'response', status: this.#head?.status ?? 0, headers: this.#head?.headers ?? {}, body, completeness }
  }

  #failure(error: Error): SendOutcome {
    if (error instanceof ConnectFailure) {
      this.#phase = error.phase
      if (error.refusal !== undefined) return { kind: 'refused', refusal: error.refusal }
      return { kind: 'failed', cause: error.reason, code: error.code, message: error.message }
    }
    // undici's parser leaves out the code of most of its errors.
    const unnamed = error.name === 'HTTPParserError' ? 'HPE_UNKNOWN' : 'ERR_UNKNOWN'
    const code = 'code' in error && typeof error.code === 'string' ? error.code : unnamed
    if (code === 'UND_ERR_INVALID_ARG') return { kind: 'unbuildable', problem: error.message }
    // What undici says of an interim response that it does not take.
    const isOdd = code === 'UND_ERR_SOCKET' && error.message.startsWith('bad ')
    return { kind: 'failed', cause: isOdd ? 'protocol' : causeOf(code), code, message: error.message }
  }

  #finish(outcome: SendOutcome): void {
    this.#settled = true
    const facts = this.#connection?.facts
    const hasBegun = this.#controller !== undefined
    const isHeard = this.#head !== undefined || (hasBegun && this.#connection?.heard === true)
    if (isHeard && this.#phase === 'request') this.#phase = 'response'
    const report: Mutable<SendReport> = {
      outcome,
      phase: this.#phase,
      sent: isHeard ? 'yes' : hasBegun ? 'maybe' : 'no',
      reusedConnection: this.#reused,
      timings: this.#timings(facts),
    }
    if (facts?.remoteAddress !== undefined) report.remoteAddress = facts.remoteAddress
    this.#settle(report)
  }

  #timings(facts: ConnectionFacts | undefined): Timings {
    const total = this.#clock.now() - this.#startedAt
    // Whole from the beginning: what is added to an object later lies in a second one.
    const timings: Mutable<Timings> = this.#head === undefined ? { total } : { firstByte: this.#head.at - this.#startedAt, total }
    if (this.#reused) return timings
    if (facts?.dnsMs !== undefined) timings.dns = facts.dnsMs
    if (facts?.connectMs !== undefined) timings.connect = facts.connectMs
    if (facts?.tlsMs !== undefined) timings.tls = facts.tlsMs
    return timings
  }
}

type SendOutcomeHeaders = Record<string, string | string[] | undefined>

function causeOf(code: string): FailureCause {
  switch (code) {
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
    case 'ETIMEDOUT':
      return 'timeout'
    case 'UND_ERR_HEADERS_OVERFLOW':
      return 'oversized'
    case 'UND_ERR_CLOSED':
    case 'UND_ERR_DESTROYED':
      return 'aborted'
    case 'UND_ERR_MAX_ORIGINS_REACHED':
      return 'local'
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return 'protocol'
    default:
      return code.startsWith('HPE_') ? 'protocol' : 'reset'
  }
}
