import type { EnqueueOptions } from '../dispatcher/index.ts'
import type { CallbackRequest } from '../http/index.ts'
import { textOfError } from './application-code.ts'
import type { Outlet, Put } from './outlet.ts'
import type { RunTeller } from './problem.ts'

/** The deliveries of one exchange that are stored before its response has gone out. Each goes on as soon as both have happened. */
export class HeldDeliveries {
  readonly #outlet: Outlet
  readonly #teller: RunTeller
  #ids: string[] = []
  #outcome: 'sent' | 'aborted' | undefined
  #settling: Promise<void> | undefined

  constructor(outlet: Outlet, teller: RunTeller) {
    this.#outlet = outlet
    this.#teller = teller
  }

  /** Resolves when it is stored; after the outcome, when it has gone on. Rejects when it could not be stored. */
  async put(request: CallbackRequest, options: EnqueueOptions): Promise<Put> {
    const id = await this.#outlet.hold(request, options)
    if (id === undefined) return { isNew: false }
    this.#ids.push(id)
    if (this.#outcome !== undefined) {
      // Those that one commit has stored go on in one as well.
      this.#settling ??= Promise.resolve().then(() => this.#settle())
      await this.#settling
    }
    return { isNew: true }
  }

  /** Releases what is stored, or cancels it, and from now on whatever comes. */
  end(outcome: 'sent' | 'aborted'): Promise<void> {
    this.#outcome = outcome
    return this.#settle()
  }

  async #settle(): Promise<void> {
    const ids = this.#ids
    this.#ids = []
    this.#settling = undefined
    if (ids.length === 0) return
    const isSent = this.#outcome === 'sent'
    try {
      await (isSent ? this.#outlet.release(ids) : this.#outlet.cancel(ids))
    } catch (error) {
      const text = textOfError(error)
      if (isSent) this.#teller.tell({ kind: 'not-released', error, message: `It is delivered later than it should be: ${text}` })
      else this.#teller.tell({ kind: 'not-cancelled', error, message: `It is delivered although the client is gone: ${text}` })
    }
  }
}
