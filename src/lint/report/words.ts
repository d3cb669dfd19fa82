import type { Severity } from '../severity.ts'
import type { Colors, Report } from './reporter.ts'

/** `1 error, 2 warnings and 3 infos in 14 callbacks and 20 expressions of 2 files` */
export function summaryLine({ summary }: Report): string {
  const { errors, warnings, infos, callbacks, expressions, files } = summary
  const found = [plural(errors, 'error'), plural(warnings, 'warning')].join(', ')
  return `${found} and ${plural(infos, 'info')} in ${plural(callbacks, 'callback key')} and ${plural(expressions, 'expression')} of ${plural(files, 'file')}`
}

export function colored(severity: Severity, text: string, colors: Colors): string {
  return severity === 'error' ? colors.red(text) : severity === 'warning' ? colors.yellow(text) : colors.cyan(text)
}

/** One line, and nothing in it that a terminal would obey. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0)
    return code === 9 ? ' ' : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

/** The page of a rule, as it is in the published package. */
export function rulePage(rule: string): string {
  return `https://unpkg.com/ringback/docs/rules/${rule}.md`
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}
