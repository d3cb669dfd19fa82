import type { Problem } from './problem.ts'

/** Findings that were there before and are not reported again. Without lines: text above them may change. */
export interface Baseline {
  readonly version: 1
  readonly problems: readonly BaselineEntry[]
}

export interface BaselineEntry {
  readonly rule: string
  readonly file: string
  readonly pointer: string
  readonly expression?: string
  /** How often; one when absent. */
  readonly count?: number
}

export function baselineOf(problems: readonly Problem[]): Baseline {
  const counts = countsById(problems)
  const entries = new Map<string, BaselineEntry>()
  for (const problem of problems) {
    const { rule, file, pointer, expression } = problem
    const count = counts.get(idOf(problem)) ?? 1
    entries.set(idOf(problem), {
      rule,
      file: normal(file),
      pointer,
      ...(expression === undefined ? {} : { expression }),
      ...(count === 1 ? {} : { count }),
    })
  }
  return { version: 1, problems: [...entries.values()] }
}

/** The findings that are not in the baseline. */
export function newSince(baseline: Baseline, problems: readonly Problem[]): readonly Problem[] {
  const left = countsById(baseline.problems)
  return problems.filter((problem) => {
    const id = idOf(problem)
    const count = left.get(id) ?? 0
    left.set(id, count - 1)
    return count <= 0
  })
}

/** The entries whose findings are gone, with how many are. Of files that were not looked at it says so too: leave those out. */
export function staleIn(baseline: Baseline, problems: readonly Problem[]): readonly BaselineEntry[] {
  const found = countsById(problems)
  return baseline.problems.flatMap((entry) => {
    const id = idOf(entry)
    const gone = (entry.count ?? 1) - (found.get(id) ?? 0)
    found.set(id, Math.max(0, -gone))
    return gone > 0 ? [{ ...entry, count: gone }] : []
  })
}

function countsById(entries: readonly BaselineEntry[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const entry of entries) counts.set(idOf(entry), (counts.get(idOf(entry)) ?? 0) + (entry.count ?? 1))
  return counts
}

/** Whether a value is a baseline that this version understands. */
export function isBaseline(value: unknown): value is Baseline {
  if (typeof value !== 'object' || value === null) return false
  const { version, problems } = value as Partial<Baseline>
  return (
    version === 1 &&
    Array.isArray(problems) &&
    problems.every((one) =>
      ['rule', 'file', 'pointer'].every(
        (field) => typeof (one as unknown as Record<string, unknown> | null)?.[field] === 'string',
      ),
    )
  )
}

function idOf({ rule, file, pointer, expression }: BaselineEntry): string {
  return JSON.stringify([rule, normal(file), pointer, expression ?? ''])
}

function normal(file: string): string {
  return file.replaceAll('\\', '/').replace(/^\.\//, '')
}
