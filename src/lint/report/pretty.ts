import type { Problem } from '../problem.ts'
import { displayWidth } from './display-width.ts'
import { type Colors, noColors, type Reporter } from './reporter.ts'
import { colored, explanationLine, printable, summaryLine } from './words.ts'

/** For people: each finding with its line and a caret under what is wrong. */
export const pretty: Reporter = (report, { colors = noColors, textOf }) => {
  const frames = report.problems.map((problem) => `${lines(problem, textOf?.(problem.file), colors).join('\n')}\n\n`)
  const { errors, warnings } = report.summary
  const line = `${summaryLine(report)}\n`
  return (
    frames.join('') +
    (errors > 0 ? colors.red(line) : warnings > 0 ? colors.yellow(line) : colors.green(line)) +
    colors.dim(explanationLine(report))
  )
}

function lines(problem: Problem, text: string | undefined, colors: Colors): string[] {
  const { severity, rule, file, line, column, message } = problem
  const head = `${colors.bold(printable(file))}:${line}:${column}  ${colored(severity, severity, colors)}  ${colors.dim(rule)}`
  const found = [head, ...(text === undefined ? [] : frame(problem, text, colors)), `  ${printable(message)}`]
  if (problem.fix !== undefined) found.push(`  ${colors.green('--fix')} writes ${printable(problem.suggestion ?? 'it so')}`)
  return found
}

const widest = 140

/** The line, and a caret under what is wrong in it. Long lines are cut around the caret. */
function frame({ line, column, endLine, endColumn, offset, severity }: Problem, text: string, colors: Colors): string[] {
  const start = offset - (column - 1)
  const whole = /^[^\r\n]*/.exec(text.slice(start, start + 100_000))?.[0] ?? ''
  const from = whole.length <= widest ? 0 : characterAt(whole, Math.max(0, column - 1 - widest / 2))
  const shown = whole.slice(from, from + widest)
  const end = endLine === line ? endColumn - 1 : whole.length
  const before = printable(shown.slice(0, column - 1 - from))
  const marked = printable(shown.slice(column - 1 - from, Math.max(column - from, end - from)))
  const number = String(line)
  return [
    `  ${colors.dim(`${number} |`)} ${from > 0 ? '…' : ''}${printable(shown)}${from + widest < whole.length ? '…' : ''}`,
    `  ${colors.dim(`${' '.repeat(number.length)} |`)} ${' '.repeat(displayWidth(before) + (from > 0 ? 1 : 0))}${colored(severity, '^'.repeat(Math.max(1, displayWidth(marked))), colors)}`,
  ]
}

/** Not in the middle of a surrogate pair. */
function characterAt(text: string, offset: number): number {
  return /[\udc00-\udfff]/.test(text.charAt(offset)) ? offset - 1 : offset
}
