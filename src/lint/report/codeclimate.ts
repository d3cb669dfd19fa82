import type { Problem } from '../problem.ts'
import type { Severity } from '../severity.ts'
import type { Reporter } from './reporter.ts'
import { rulePage } from './words.ts'

/** The report of Code Climate that GitLab reads as "code quality". */
export const codeclimate: Reporter = ({ problems }) => {
  const seen = new Map<string, number>()
  const issues = problems.map((problem) => {
    const place = `${problem.rule} ${problem.file}#${problem.pointer} ${problem.expression ?? ''}`
    const count = seen.get(place) ?? 0
    seen.set(place, count + 1)
    return issueOf(problem, fingerprint(`${place} ${count}`))
  })
  return `${JSON.stringify(issues, null, 2)}\n`
}

function issueOf({ rule, severity, message, file, line, column, endLine, endColumn }: Problem, id: string): object {
  return {
    type: 'issue',
    check_name: rule,
    description: message,
    content: { body: rulePage(rule) },
    categories: ['Bug Risk'],
    severity: severityOf(severity),
    fingerprint: id,
    location: {
      path: file.replaceAll('\\', '/').replace(/^\.\//, ''),
      positions: { begin: { line, column }, end: { line: endLine, column: endColumn } },
      lines: { begin: line, end: endLine },
    },
  }
}

function severityOf(severity: Severity): string {
  return severity === 'error' ? 'major' : severity === 'warning' ? 'minor' : 'info'
}

/** 128 bits in hexadecimal: the same finding has the same, also when lines above it change. Not for security. */
function fingerprint(text: string): string {
  let result = ''
  for (const seed of [0x811c9dc5, 0x01000193, 0x9e3779b9, 0x85ebca6b]) {
    // FNV-1a over UTF-16 units.
    let hash = seed
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
    result += (hash >>> 0).toString(16).padStart(8, '0')
  }
  return result
}
