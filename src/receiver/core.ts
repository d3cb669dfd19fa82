import type { Answer } from './answer.ts'
import type { Call, Responder } from './call.ts'
import type { Deadlines } from './deadlines.ts'
import type { Emit } from './events.ts'
import type { Config } from './options.ts'
import type { Settings } from './settings.ts'
import type { CallRow, EndpointRow, StoreSignal } from './store.ts'

/** What the parts of one receiver share. */
export interface Core extends Config {
  readonly deadlines: Deadlines
  readonly emit: Emit
  /** Settings of endpoints made here; the functions in them live nowhere else. */
  readonly settings: Map<string, Settings>
  /** Answers of `respondNext()`, by endpoint, in order. */
  readonly injections: Map<string, Injection[]>
  /** Senders that wait for `call.respond()`, by call id. */
  readonly manual: Map<string, ManualAnswer>
  readonly traffic: { paused: boolean; closed: boolean; unknown: number }
  /** Resolves when the store is ready. */
  started(): Promise<void>
  /** Hears what the store says. */
  readonly listeners: Set<(signal: StoreSignal) => void>
  settingsFor(row: EndpointRow): Promise<Settings | undefined>
  callFrom(row: CallRow): Promise<Call>
  /** Rejects when what makes of a call what its reader was promised lives in another process. */
  checkReadable(row: EndpointRow): Promise<void>
  /** What must be over before the store is closed. */
  readonly underway: Set<Promise<unknown>>
}

export interface Injection {
  readonly responder: Responder
  left: number
  /** Whether the call is stored; `undefined`: when the answer is no error. */
  readonly store: boolean | undefined
}

export interface ManualAnswer {
  /** False when the sender does not wait any more. */
  answer(answer: Answer): boolean
}
