import { noColors, type Reporter } from './reporter.ts'
import { colored, printable, summaryLine } from './words.ts'

/** For people: one line a finding, under the name of its file. */
export const stylish: Reporter = (report, { colors = noColors }) => {
  const byFile = grouped(report.problems)
  const blocks = [...byFile].map(([file, problems]) => {
    const places = problems.map(({ line, column }) => `${line}:${column}`)
    const width = Math.max(...places.map((place) => place.length))
    const rows = problems.map(({ severity, message, rule }, i) => {
      const place = (places[i] ?? '').padStart(width)
      return `  ${colors.dim(place)}  ${colored(severity, severity.padEnd(7), colors)}  ${printable(message)}  ${colors.dim(rule)}`
    })
    return [colors.bold(printable(file)), ...rows, ''].join('\n')
  })
  return `${[...blocks, summaryLine(report)].join('\n')}\n`
}

function grouped<T extends { readonly file: string }>(problems: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const problem of problems) {
    const group = groups.get(problem.file)
    if (group === undefined) groups.set(problem.file, [problem])
    else group.push(problem)
  }
  return groups
}
