import { fixedFile, type LintOptions, type Problem } from '../../lint/index.ts'
import type { DescriptionFile } from '../../openapi/index.ts'
import type { Loader } from './load.ts'
import { type Entry, type Proposal, type Survey, survey } from './survey.ts'

/** A file after fixing, with what it was before. */
export interface ChangedFile {
  readonly file: DescriptionFile
  readonly before: DescriptionFile
  /** How many fixes were made. */
  readonly count: number
}

/** One fix may make another one possible, and some have to be made one by one. */
const mostRounds = 200

/**
 * Fixes the documents of a run in memory: what the loader gives afterwards is the fixed one. A fix that is certain for one document is
 * made only if no other document of the run is worse for it, and each that had a defect there is better.
 */
export class Fixer {
  readonly #loader: Loader
  readonly #options: LintOptions
  readonly #surveys = new Map<Entry, Survey>()
  readonly #changed = new Map<string, ChangedFile>()
  readonly #held = new Set<string>()
  readonly #byOthers = new Set<string>()

  constructor(loader: Loader, options: LintOptions) {
    this.#loader = loader
    this.#options = options
  }

  async run(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) await this.#look(entry)
    for (let round = 0; round < mostRounds; round++) {
      const held = this.#held.size
      let made = 0
      for (const [uri, proposals] of this.#proposals()) made += await this.#mend(uri, proposals)
      if (made === 0 && this.#held.size === held) return
    }
  }

  /** By URI. */
  get changed(): ReadonlyMap<string, ChangedFile> {
    return this.#changed
  }

  /** Fixes that were left out because the file is no document of the run, and others may use it. */
  get leftToOthers(): number {
    return this.#byOthers.size
  }

  /** The problem as it is told: a fix that is not made is none. */
  told(problem: Problem): Problem {
    if (problem.fix === undefined || !this.#held.has(idOf(problem))) return problem
    const { fix: _, ...rest } = problem
    return rest
  }

  async #look(entry: Entry): Promise<void> {
    const found = await survey(this.#loader, entry, this.#options)
    if (found === undefined) this.#surveys.delete(entry)
    else this.#surveys.set(entry, found)
  }

  /** What may be tried next, by file. Each edit once, though several documents may ask for it. */
  #proposals(): ReadonlyMap<string, readonly Proposal[]> {
    const found = new Map<string, Map<string, Proposal>>()
    for (const { entry, proposals } of this.#surveys.values())
      for (const proposal of proposals) {
        const { problem, fix, file, isSyntax } = proposal
        const id = idOf(problem)
        if (this.#held.has(id)) continue
        // All documents of a folder were looked at; beside a file that was named there may be others.
        if (!isSyntax && !entry.input.found && !this.#isEntry(file)) {
          this.#held.add(id)
          this.#byOthers.add(id)
          continue
        }
        const own = found.get(file.uri) ?? new Map<string, Proposal>()
        found.set(file.uri, own)
        const edits = JSON.stringify(fix.edits)
        if (entry.text === undefined && !own.has(edits)) own.set(edits, proposal)
      }
    return new Map([...found].map(([uri, own]) => [uri, [...own.values()]]))
  }

  #isEntry({ uri }: DescriptionFile): boolean {
    return [...this.#surveys.values()].some((one) => one.uri === uri)
  }

  /** Makes these, or half of them, until the rest is harmless: what is left comes again with the next round. */
  async #mend(uri: string, proposals: readonly Proposal[]): Promise<number> {
    const [first] = proposals
    if (first === undefined) return 0
    const before = this.#changed.get(uri)?.file ?? first.file
    const { file, count } = fixedFile(
      before,
      proposals.map(({ fix }) => fix),
    )
    const users = [...this.#surveys.values()].filter(({ files }) => files.has(uri))
    if (count > 0) {
      this.#loader.replace(file)
      for (const { entry } of users) await this.#look(entry)
      if (users.every((user) => isServed(user, this.#surveys.get(user.entry), proposals))) {
        const known = this.#changed.get(uri)
        this.#changed.set(uri, { file, before: known?.before ?? before, count: (known?.count ?? 0) + count })
        return count
      }
      this.#loader.replace(before)
      for (const user of users) this.#surveys.set(user.entry, user)
    }
    if (proposals.length > 1) return this.#mend(uri, proposals.slice(0, proposals.length >> 1))
    this.#held.add(idOf(first.problem))
    return 0
  }
}

function isServed(before: Survey, after: Survey | undefined, proposals: readonly Proposal[]): boolean {
  if (after === undefined) return false
  for (const [place, weight] of after.weights) if (weight > (before.weights.get(place) ?? 0)) return false
  return proposals.every(({ place }) => {
    const weight = before.weights.get(place) ?? 0
    return weight === 0 || (after.weights.get(place) ?? 0) < weight
  })
}

function idOf({ file, pointer, rule, suggestion = '' }: Problem): string {
  return JSON.stringify([file, pointer, rule, suggestion])
}
