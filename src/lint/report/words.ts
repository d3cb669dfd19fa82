import type { Skipped } from '../problem.ts'
import type { Severity } from '../severity.ts'
import type { Colors, Report } from './reporter.ts'

/** `1 error, 2 warnings and 3 infos in 14 callback keys and 20 expressions of 2 files; 1 file skipped: 1 of Swagger 2.0` */
export function summaryLine({ summary }: Report): string {
  const { errors, warnings, infos, callbacks, expressions, files, skipped } = summary
  const found = [plural(errors, 'error'), plural(warnings, 'warning')].join(', ')
  return `${found} and ${plural(infos, 'info')} in ${plural(callbacks, 'callback key')} and ${plural(expressions, 'expression')} of ${plural(files, 'file')}${skippedWords(skipped)}`
}

export function skippedCount({ swagger2, notOpenApi3, tooLarge }: Skipped): number {
  return swagger2 + notOpenApi3 + tooLarge
}

function skippedWords(skipped: Skipped | undefined): string {
  if (skipped === undefined || skippedCount(skipped) === 0) return ''
  const { swagger2, notOpenApi3, tooLarge } = skipped
  const reasons: [number, string][] = [
    [swagger2, 'of Swagger 2.0'],
    [notOpenApi3, 'not of OpenAPI 3'],
    [tooLarge, 'too large'],
  ]
  const told = reasons.flatMap(([count, why]) => (count === 0 ? [] : [`${count} ${why}`]))
  return `; ${plural(skippedCount(skipped), 'file')} skipped: ${told.join(', ')}`
}

export function colored(severity: Severity, text: string, colors: Colors): string {
  return severity === 'error' ? colors.red(text) : severity === 'warning' ? colors.yellow(text) : colors.cyan(text)
}

/** One line, and nothing in it that a terminal would obey. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0)
    return code === 9 ? ' ' : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

/** Where to read more; nothing where there is nothing to read about. */
export function explanationLine({ problems }: Report): string {
  return problems.length === 0 ? '' : 'Each rule has a page: ringback lint --explain <rule>\n'
}

/** The page of a rule, as it is in the published package. */
export function rulePage(rule: string): string {
  return `https://unpkg.com/ringback/docs/rules/${rule}.md`
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}
