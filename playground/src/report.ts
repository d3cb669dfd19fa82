import type { Fix, Problem, Summary } from '../../src/lint/index.ts'
import type { Origin } from './origin.ts'
import type { Segment } from './segments.ts'
import type { ExchangeFields } from './state.ts'

/** What is known of a text. Plain data: it comes from a worker. */
export interface DocumentReport {
  /** The first thousand. `summary` counts all. */
  readonly problems: readonly Finding[]
  readonly summary: Summary
  /** The text cannot be read right now; callbacks are those of the last one that could. */
  readonly stale: boolean
  /** Operations with callbacks, in document order. */
  readonly operations: readonly OperationChoice[]
  /** How many operations there are, with callbacks or without. */
  readonly operationCount: number
}

export interface Finding extends Problem {
  /** Where to read about its rule. */
  readonly page?: string
}

export interface OperationChoice {
  readonly name: string
  readonly method: string
  /** A URL that matches it. */
  readonly url: string
  /** Names of its callbacks. */
  readonly callbacks: readonly string[]
}

/** What an exchange sets off. */
export interface ExchangeReport {
  readonly fieldProblems: Partial<Readonly<Record<keyof ExchangeFields, string>>>
  /** The operation that the request matches. */
  readonly operation: { readonly name: string; readonly method: string; readonly path: string } | undefined
  /** Of the document's servers: with it in front of its path the request would match one. */
  readonly basePath?: string
  readonly callbacks: readonly CallbackReport[]
}

export interface CallbackReport {
  readonly callback: string
  /** Of the key, or of the callback where its reference is broken. Absent for a text that cannot be read right now. */
  readonly place: Place | undefined
  readonly key: string | undefined
  readonly method: string | undefined
  readonly parts: readonly PartReport[]
  readonly outcome: Outcome
}

export type Outcome = { readonly kind: 'resolved'; readonly url: string; readonly segments: readonly Segment[] } | NotSent

export interface NotSent {
  readonly kind: 'not-sent'
  /** Nothing is wrong: the subscriber gave no URL, or the response has not come yet. */
  readonly ordinary: boolean
  readonly reason: string
  readonly faults: readonly Fault[]
  /** The key as it was probably meant. */
  readonly didYouMean?: string
  /** Of the document, where it is certain. */
  readonly fix?: Fix
}

/** One thing because of which a callback is not sent. */
export interface Fault {
  readonly message: string
  /** Half-open UTF-16 offsets in the key. */
  readonly span?: { readonly start: number; readonly end: number }
  readonly place?: Place
  /** What the exchange has instead. */
  readonly hint?: string
}

export interface PartReport {
  /** As it is written in the key. */
  readonly text: string
  readonly origin: Origin
  /** What it reads, in words. */
  readonly words: string
  /** JSON of its value in this exchange, cut where it is long. */
  readonly value?: string
  /** Why it has none. */
  readonly missing?: string
}

/** In the document: half-open UTF-16 offsets, and the same for people, one-based. */
export interface Place {
  readonly from: number
  readonly to: number
  readonly line: number
  readonly column: number
}
