import type { Severity } from '../severity.ts'
import type { Reporter } from './reporter.ts'

/** Workflow commands of GitHub Actions: findings become annotations of the changed files. */
export const github: Reporter = ({ problems }) =>
  problems
    .map(({ rule, severity, message, file, line, column, endLine, endColumn }) => {
      const ends = endLine === line ? `,endLine=${endLine},endColumn=${endColumn}` : ''
      const place = `file=${property(file)},line=${line},col=${column}${ends}`
      return `::${commandOf(severity)} ${place},title=${property(`ringback ${rule}`)}::${data(message)}\n`
    })
    .join('')

function commandOf(severity: Severity): string {
  return severity === 'info' ? 'notice' : severity
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
