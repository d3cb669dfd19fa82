import { type LintResult, type Problem, referredCallbacks, type Skipped, type Summary } from '../../lint/index.ts'
import type { OpenApiDescription } from '../../openapi/index.ts'

/** What several descriptions say; a file that they share is told of once. */
export class Findings {
  readonly #problems = new Map<string, Problem>()
  /** The texts of those that have findings; what was parsed is not kept. */
  readonly #files = new Map<string, string | undefined>()
  /** How many descriptions have a file. */
  readonly #users = new Map<string, number>()
  /** Callbacks that some operation refers to. */
  readonly #referred = new Set<string>()
  #callbacks = 0
  #expressions = 0

  add({ problems, summary }: LintResult, description: OpenApiDescription): void {
    const { files } = description
    if (files.size > 1) for (const place of referredCallbacks(description)) this.#referred.add(place)
    for (const { name } of files.values()) this.#users.set(name, (this.#users.get(name) ?? 0) + 1)
    for (const problem of problems) {
      const { rule, file, offset, endLine, endColumn, pointer } = problem
      const id = `${rule} ${file} ${offset} ${endLine}:${endColumn} ${pointer}`
      if (!this.#problems.has(id)) this.#problems.set(id, problem)
    }
    const found = new Set(problems.map(({ file }) => file))
    for (const { name, source } of files.values())
      if (found.has(name) || !this.#files.has(name)) this.#files.set(name, found.has(name) ? source?.text : undefined)
    this.#callbacks += summary.callbacks
    this.#expressions += summary.expressions
  }

  /** What no operation of one document refers to, one of another document may. */
  problems(): readonly Problem[] {
    return [...this.#problems.values()].filter(
      ({ rule, file, pointer }) => rule !== 'unused-callback' || !this.#referred.has(`${file}#${pointer}`),
    )
  }

  /** Whether several documents of the run have a file. */
  isShared(file: string): boolean {
    return (this.#users.get(file) ?? 0) > 1
  }

  /** Whether a file was read. */
  has(file: string): boolean {
    return this.#files.has(file)
  }

  /** `skipped`: files by name, of which some may have been read as parts of documents. */
  summary(skipped: ReadonlyMap<string, keyof Skipped> | undefined): Omit<Summary, 'errors' | 'warnings' | 'infos'> {
    const counts = { files: this.#files.size, callbacks: this.#callbacks, expressions: this.#expressions }
    if (skipped === undefined) return counts
    const reasons = [...skipped].flatMap(([name, why]) => (this.has(name) ? [] : [why]))
    const count = (why: keyof Skipped): number => reasons.filter((reason) => reason === why).length
    return {
      ...counts,
      skipped: { swagger2: count('swagger2'), notOpenApi3: count('notOpenApi3'), tooLarge: count('tooLarge') },
    }
  }

  textOf(name: string): string | undefined {
    return this.#files.get(name)
  }
}
