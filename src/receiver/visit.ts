import type { Answer } from './answer.ts'
import type { Arrival, TargetParts } from './arrival.ts'
import type { Verdict } from './contract/index.ts'
import type { Decoded } from './decode-content.ts'
import type { Refusal, RejectedRequest } from './profile.ts'
import type { Settings } from './settings.ts'
import type { Method } from './status.ts'
import type { EndpointRow } from './store.ts'

/** One request of a token holder on its way through the checks. Later checks find what earlier ones have learnt. */
export interface Visit {
  readonly endpoint: EndpointRow
  readonly settings: Settings
  readonly arrival: Arrival
  readonly parts: TargetParts
  readonly receivedAt: number
  /** That are a call here, behind the path that was added to the URL. */
  readonly methods: readonly Method[]
  /** The query as it counts: without what a profile reads for itself. */
  readonly query: URLSearchParams
  /** The same, byte for byte as it came. */
  readonly rawQuery: string
  authenticated: boolean
  rawBody: Uint8Array
  decoded: Decoded
  /** What the description says, at an endpoint that is made from one. */
  verdict: Verdict | undefined
  dedupeKey: Uint8Array | null
}

/** The first check that does not return `undefined` ends the visit. */
export type Check = (visit: Visit) => Promise<Outcome | undefined> | Outcome | undefined

export type Outcome = { readonly answer: Answer } | { readonly refusal: Refusal; readonly bytes?: number }

export function answered(answer: Answer): Outcome {
  return { answer }
}

export function rejected(
  code: RejectedRequest['code'],
  detail: string,
  more: Partial<RejectedRequest> = {},
  bytes?: number,
): Outcome {
  return { refusal: { ...more, kind: 'rejected', code, detail }, ...(bytes === undefined ? {} : { bytes }) }
}

/** Whether this method is a call at this endpoint. */
export function isCall({ methods, settings, arrival }: Visit): boolean {
  const { method } = arrival
  if (settings.confirm !== undefined && methods.includes('GET')) return method === 'POST' || isExpected(method, methods, 'GET')
  return isExpected(method, methods)
}

function isExpected(method: string, methods: readonly Method[], except?: Method): boolean {
  return methods.some((expected) => expected === method && expected !== except)
}

export function tooLarge(most: number, found: number, where = ''): Outcome {
  return rejected('too-large', `expected at most ${most} bytes${where}`, {}, found)
}

/** Text from a sender on its way into an error message. */
export function printable(text: string, most = 100): string {
  const plain = text.replace(/[^\x20-\x7e]/g, '?')
  return plain.length > most ? `${plain.slice(0, most)}…` : plain
}
