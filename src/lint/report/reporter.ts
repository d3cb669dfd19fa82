import type { Problem, Summary } from '../problem.ts'

/** What was found in one or several descriptions. */
export interface Report {
  readonly problems: readonly Problem[]
  readonly summary: Summary
}

export interface ReportOptions {
  /** The text of a file by its name in the problems; for code frames. */
  readonly textOf?: (file: string) => string | undefined
  /** Default: no colours. */
  readonly colors?: Colors
  /** Of Ringback, for formats that name their tool. */
  readonly version?: string
}

/** Makes the text of one format. It ends with a line break, but for a report of nothing in a format made of lines. */
export type Reporter = (report: Report, options: ReportOptions) => string

export interface Colors {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  yellow(text: string): string
  green(text: string): string
  cyan(text: string): string
}

const same = (text: string): string => text

export const noColors: Colors = { bold: same, dim: same, red: same, yellow: same, green: same, cyan: same }
