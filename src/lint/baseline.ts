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
  const counts = new Map<string, number>()
  for (const problem of problems) counts.set(idOf(problem), (counts.get(idOf(problem)) ?? 0) + 1)
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
  const left = new Map<string, number>()
  for (const entry of baseline.problems) left.set(idOf(entry), (left.get(idOf(entry)) ?? 0) + (entry.count ?? 1))
  return problems.filter((problem) => {
    const id = idOf(problem)
    const count = left.get(id) ?? 0
    left.set(id, count - 1)
    return count <= 0
  })
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
