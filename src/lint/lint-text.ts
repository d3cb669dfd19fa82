import {
  type DescriptionFile,
  type DocumentLimits,
  descriptionOf,
  limitsOf,
  nowhere,
  type OpenApiDescription,
  parseFile,
} from '../openapi/index.ts'
import { countsOf, type LintResult, lint } from './lint.ts'
import type { LintOptions } from './options.ts'
import type { Problem } from './problem.ts'
import { unreadableProblem } from './unreadable.ts'

export interface LintTextOptions extends LintOptions, Partial<DocumentLimits> {
  /** Name of the text in the findings. Default `<text>`. */
  readonly file?: string
  /** Where it stands: what relative references are resolved against. Default: nowhere. */
  readonly uri?: string
  /** The answer for an earlier state of the same text, or one about the description that it belongs to. See `lintText`. */
  readonly previous?: { readonly description?: OpenApiDescription | undefined } & Partial<Omit<TextLint, 'description'>>
}

export interface TextLint extends LintResult {
  readonly text: string
  /** What was understood: of this text, or of the last one that could be read. */
  readonly description: OpenApiDescription | undefined
  /** The text cannot be read: but for the first finding, `problems` are those of the last one that could, where it is unchanged. */
  readonly stale: boolean
}

/**
 * Lints a text that need not be saved, or finished: what an editor calls after each change. Reads no file and never throws over what
 * is in the text.
 *
 * With `previous`, the other files of its description stay at hand, a text that did not change is not read again, and one that
 * cannot be read right now (half a line was typed) keeps the findings above and below the change.
 */
export function lintText(text: string, options: LintTextOptions = {}): TextLint {
  if (typeof text !== 'string') throw new TypeError('lintText expects a string')
  const { previous } = options
  try {
    const description = describe(text, options)
    return { text, description, stale: false, ...lint(description, options) }
  } catch (error) {
    const problem = unreadableProblem(error, options.file ?? '<text>', text)
    const kept =
      previous?.problems === undefined || previous.text === undefined
        ? []
        : unchanged(previous.problems, previous.text, text, problem.file)
    const problems = [problem, ...kept]
    const counts = { files: 1, callbacks: 0, expressions: 0, ...previous?.summary, ...countsOf(problems) }
    return { text, description: previous?.description, stale: true, problems, summary: counts }
  }
}

function describe(text: string, options: LintTextOptions): OpenApiDescription {
  const { previous } = options
  const before = previous?.description
  const uri = options.uri ?? before?.file.uri ?? nowhere
  const name = options.file ?? before?.file.name ?? '<text>'
  if (before !== undefined && before.file.source?.text === text && before.file.uri === uri && before.file.name === name)
    return before
  const file = parseFile(text, uri, name, limitsOf(options))
  const files = new Map<string, DescriptionFile>(before?.files)
  if (before !== undefined) for (const [key, other] of files) if (other === before.file) files.delete(key)
  files.set(uri, file)
  return descriptionOf(file, files, before?.unavailable ?? new Map())
}

/** Findings of the text before, where it still stands: in front of the change, and behind it. */
function unchanged(problems: readonly Problem[], before: string, text: string, file: string): readonly Problem[] {
  let head = 0
  while (head < before.length && head < text.length && before[head] === text[head]) head++
  let tail = 0
  while (tail < before.length - head && tail < text.length - head && before.at(-1 - tail) === text.at(-1 - tail)) tail++
  const shift = text.length - before.length
  const lineShift = breaks(text) - breaks(before)
  const firstLineOfTail = breaks(before.slice(0, before.length - tail)) + 1
  return problems.flatMap((problem) => {
    if (problem.file !== file || problem.rule === 'unreadable') return []
    const { fix: _, ...rest } = problem
    if (endOf(problem, before) <= head) return [rest]
    // In the line of the change, columns are not the same.
    if (problem.offset < before.length - tail || problem.line <= firstLineOfTail) return []
    return [{ ...rest, offset: problem.offset + shift, line: problem.line + lineShift, endLine: problem.endLine + lineShift }]
  })
}

function endOf({ offset, line, endLine, column, endColumn }: Problem, text: string): number {
  if (line === endLine) return offset + (endColumn - column)
  let at = offset
  for (let i = line; i < endLine && at !== -1; i++) at = text.indexOf('\n', at + 1)
  return at === -1 ? text.length : at + endColumn
}

function breaks(text: string): number {
  return text.split(/\r\n|\r|\n/).length - 1
}
