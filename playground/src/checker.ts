import type { Text } from '@codemirror/state'
import type { Answer, Question } from './protocol.ts'
import type { ExchangeFields } from './state.ts'

export interface CheckerOptions {
  /** Starts a worker. */
  readonly start: () => Worker
  readonly document: () => Text
  readonly exchange: () => ExchangeFields
  /** `document`: the text that the answer is about. */
  readonly onAnswer: (answer: Answer, document: Text) => void
  /** Whether an answer is still to come. */
  readonly onBusy: (isBusy: boolean) => void
  /** The text took too long, or broke the worker. It is asked again when something changes. */
  readonly onFailure: (message: string) => void
}

/** Between the last key and the question. */
const quietMs = 150
const patienceMs = 20_000

/** Asks a worker what is to be shown, one question at a time, the last one always. Typing never waits for an answer. */
export class Checker {
  readonly #options: CheckerOptions
  #worker: Worker | undefined
  #known: Text | undefined
  #asked: { readonly id: number; readonly document: Text } | undefined
  #again = false
  #quiet: ReturnType<typeof setTimeout> | undefined
  #patience: ReturnType<typeof setTimeout> | undefined
  #id = 0

  constructor(options: CheckerOptions) {
    this.#options = options
  }

  /** Something changed. */
  changed(): void {
    this.#options.onBusy(true)
    clearTimeout(this.#quiet)
    this.#quiet = setTimeout(() => this.#ask(), quietMs)
  }

  #ask(): void {
    this.#quiet = undefined
    if (this.#asked !== undefined) {
      this.#again = true
      return
    }
    this.#worker ??= this.#start()
    const document = this.#options.document()
    const question: Question = {
      id: ++this.#id,
      exchange: this.#options.exchange(),
      ...(document === this.#known ? {} : { text: document.toString() }),
    }
    this.#asked = { id: question.id, document }
    this.#patience = setTimeout(() => this.#fail('This took too long, and was stopped.'), patienceMs)
    this.#worker.postMessage(question)
  }

  #start(): Worker {
    const worker = this.#options.start()
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => this.#answered(data))
    worker.addEventListener('error', (event) => {
      event.preventDefault()
      this.#fail(`This could not be checked: ${event.message}`)
    })
    return worker
  }

  #answered(answer: Answer): void {
    if (this.#asked?.id !== answer.id) return
    const { document } = this.#asked
    this.#known = document
    this.#options.onAnswer(answer, document)
    this.#finish()
  }

  #fail(message: string): void {
    this.#worker?.terminate()
    this.#worker = undefined
    this.#known = undefined
    this.#options.onFailure(message)
    this.#finish()
  }

  #finish(): void {
    clearTimeout(this.#patience)
    this.#asked = undefined
    if (this.#again) {
      this.#again = false
      this.changed()
    } else if (this.#quiet === undefined) this.#options.onBusy(false)
  }
}
