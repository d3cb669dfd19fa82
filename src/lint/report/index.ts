import { agent } from './agent.ts'
import { codeclimate } from './codeclimate.ts'
import { github } from './github.ts'
import { json } from './json.ts'
import { junit } from './junit.ts'
import { pretty } from './pretty.ts'
import type { Report, Reporter, ReportOptions } from './reporter.ts'
import { sarif } from './sarif.ts'
import { stylish } from './stylish.ts'

export { displayWidth } from './display-width.ts'
export type { Colors, Report, ReportOptions } from './reporter.ts'
export { printable, rulePage } from './words.ts'

export type ReportFormat = 'pretty' | 'stylish' | 'json' | 'sarif' | 'github' | 'junit' | 'codeclimate' | 'agent'

const reporters: Readonly<Record<ReportFormat, Reporter>> = {
  pretty,
  stylish,
  json,
  sarif,
  github,
  junit,
  codeclimate,
  agent,
}

export const reportFormats: readonly ReportFormat[] = Object.keys(reporters) as ReportFormat[]

/** The text of a report in one of the formats. */
export function formatReport(report: Report, format: ReportFormat, options: ReportOptions = {}): string {
  return reporters[format](report, options)
}
