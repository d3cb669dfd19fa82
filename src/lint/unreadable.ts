import { DocumentError } from '../openapi/index.ts'
import { messageOf } from '../util/index.ts'
import type { Problem } from './problem.ts'

/** A document that cannot be read, as a finding: for editors, and for reports of many documents. Its rule is called `unreadable`. */
export function unreadableProblem(error: unknown, file: string, text?: string): Problem {
  const known = error instanceof DocumentError
  const { line = 1, column = 1, offset = 0 } = known ? error : {}
  return {
    rule: 'unreadable',
    severity: 'error',
    message: (known ? withoutPlace(error) : messageOf(error)) + hint(text),
    file: known ? error.file : file,
    line,
    column,
    endLine: line,
    endColumn: column + 1,
    offset,
    pointer: '',
  }
}

function withoutPlace({ message, file }: DocumentError): string {
  const told = message.startsWith(file) ? message.slice(file.length).replace(/^(?::\d+:\d+)?: /, '') : message
  return `${told.charAt(0).toUpperCase()}${told.slice(1)}${/[.?!]$/.test(told) ? '' : '.'}`
}

/** A key such as `$request.body #/url` ends, for YAML, where its comment begins. In a flow mapping that shows only at the end of the text. */
function hint(text: string | undefined): string {
  const comment = text === undefined ? null : /^[^'"#\n]*\$(?:request|response)\.body[ \t]+#\//m.exec(text)
  if (text === undefined || comment === null) return ''
  const line = text.slice(0, comment.index).split(/\r\n|\r|\n/).length
  return ` On line ${line} a "#" behind a space begins a comment: quote the expression, and remove the space.`
}
