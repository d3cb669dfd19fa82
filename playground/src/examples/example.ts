import type { PlaygroundState } from '../state.ts'

/** A document and an exchange to begin with. */
export interface Example extends PlaygroundState {
  /** Stable: links and tests name it. */
  readonly name: string
  readonly title: string
  /** Nothing is wrong with the document, whatever there is to be said of it. */
  readonly isSound: boolean
  /** Names of the rules that have findings, each once, by name. */
  readonly findings: readonly string[]
}
