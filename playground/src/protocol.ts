import type { DocumentReport, ExchangeReport } from './report.ts'
import type { ExchangeFields } from './state.ts'

/** To the worker. */
export interface Question {
  readonly id: number
  /** Absent when it is the text of the last question. */
  readonly text?: string
  readonly exchange: ExchangeFields
}

/** From the worker. Questions are answered in their order. */
export interface Answer {
  readonly id: number
  /** Where the question had a text. */
  readonly document?: DocumentReport
  readonly exchange: ExchangeReport
}
