import { isAtLeast } from '../severity.ts'
import type { Reporter } from './reporter.ts'
import { printable, skippedCount } from './words.ts'

/**
 * For programs that read text: one line a finding, fields in a fixed order, then one line with the counts. Infos are counted only.
 * `file:line:column severity rule message [-> suggestion] [fixable]`
 */
export const agent: Reporter = ({ problems, summary }) => {
  const lines = problems
    .filter(({ severity }) => isAtLeast(severity, 'warning'))
    .map(({ file, line, column, severity, rule, message, suggestion, fix }) => {
      const meant = suggestion === undefined ? '' : ` -> ${suggestion}`
      return printable(`${file}:${line}:${column} ${severity} ${rule} ${message}${meant}${fix === undefined ? '' : ' [fixable]'}`)
    })
  const { errors, warnings, infos, callbacks, expressions, files, skipped } = summary
  const counts = `errors=${errors} warnings=${warnings} infos=${infos} callbacks=${callbacks} expressions=${expressions} files=${files}${skipped === undefined ? '' : ` skipped=${skippedCount(skipped)}`}`
  lines.push(infos === 0 ? counts : `${counts} (infos are not listed here: --format stylish)`)
  return `${lines.join('\n')}\n`
}
