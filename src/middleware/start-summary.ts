import type { Problem } from '../lint/index.ts'
import type { OpenApiDescription } from '../openapi/index.ts'
import type { OperationPlan } from './operation-plan.ts'

/** What was found in the description when the middleware began. */
export interface StartSummary {
  /** Operations that have callbacks. */
  readonly operations: number
  readonly callbacks: number
  /** Under which paths this server has the API, as `servers` or the option `basePath` says; `''`: at the root. */
  readonly basePaths: readonly string[]
  /** Callbacks that are sent by a handler. */
  readonly handlers: number
  /** What the linter says of callback keys and links: errors and warnings. */
  readonly problems: readonly Problem[]
  /** What is different from what one might expect: validation that cannot be done here. */
  readonly notes: readonly string[]
  /** In one line for each: `3 operations, 4 callbacks, 1 problem, under /v1`, then problems and notes. */
  readonly text: string
}

export async function summarize(
  description: OpenApiDescription,
  plans: Iterable<OperationPlan>,
  basePaths: readonly string[],
  notes: readonly string[],
): Promise<StartSummary> {
  // Loaded only now: a server should not wait for a linter before it listens.
  const { lint } = await import('../lint/index.ts')
  const all = [...plans]
  const sum = (count: (plan: OperationPlan) => number): number => all.reduce((total, plan) => total + count(plan), 0)
  const callbacks = sum((plan) => plan.callbacks.size)
  const problems = lint(description).problems.filter(({ severity }) => severity !== 'info')
  const head = [counted(all.length, 'operation'), counted(callbacks, 'callback'), counted(problems.length, 'problem')]
  const isAtRoot = basePaths.every((path) => path === '')
  if (!isAtRoot) head.push(`under ${basePaths.map((path) => path || '/').join(' and ')}`)
  const lines = [
    `${description.file.name}: ${head.join(', ')}`,
    ...problems.map((problem) => `  ${lineOf(problem)}`),
    ...notes.map((note) => `  ${note}`),
  ]
  return {
    operations: all.length,
    callbacks,
    basePaths,
    handlers: sum((plan) => plan.handlers.length),
    problems,
    notes,
    text: lines.join('\n'),
  }
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}

function lineOf({ file, line, column, severity, rule, message, key }: Problem): string {
  const where = `${file}:${line}:${column} ${severity} ${rule}`
  return key === undefined ? `${where}: ${message}` : `${where}: ${key}: ${message}`
}
