import type { CallbackRequest } from 'ringback'
import type { CallbackProblem } from 'ringback/node'
import { deferred } from './wait.ts'

/** Collects what a middleware fires, and what it complains of. */
export class Sink {
  readonly requests: CallbackRequest[] = []
  readonly problems: CallbackProblem[] = []
  #waiting: { count: number; resolve: () => void }[] = []

  readonly fire = (request: CallbackRequest): void => {
    this.requests.push(request)
    this.#wake()
  }

  readonly onError = (problem: CallbackProblem): void => {
    this.problems.push(problem)
    this.#wake()
  }

  /** Requests and problems together. */
  get count(): number {
    return this.requests.length + this.problems.length
  }

  /** Resolves when there are so many requests and problems together. */
  async reaches(count: number): Promise<void> {
    if (this.count >= count) return
    const { promise, resolve } = deferred<void>()
    this.#waiting.push({ count, resolve: () => resolve() })
    await promise
  }

  urls(): string[] {
    return this.requests.map(({ url }) => url)
  }

  bodies(): unknown[] {
    return this.requests.map(({ body }) => (body === undefined ? undefined : JSON.parse(Buffer.from(body).toString())))
  }

  kinds(): string[] {
    return this.problems.map(({ kind }) => kind)
  }

  #wake(): void {
    for (const one of this.#waiting.filter(({ count }) => count <= this.count)) one.resolve()
    this.#waiting = this.#waiting.filter(({ count }) => count > this.count)
  }
}
