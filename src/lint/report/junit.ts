import type { Problem } from '../problem.ts'
import type { Reporter } from './reporter.ts'
import { printable } from './words.ts'

/** JUnit XML: a suite for each file, a case for each finding. An info is a case that passed. */
export const junit: Reporter = ({ problems, summary }) => {
  const files = [...new Set(problems.map(({ file }) => file))]
  const suites = files.map((file) =>
    suiteOf(
      file,
      problems.filter((problem) => problem.file === file),
    ),
  )
  const tests = problems.length === 0 ? 1 : problems.length
  const clean =
    '  <testsuite name="ringback" tests="1" failures="0" errors="0">\n    <testcase classname="ringback" name="lint"/>\n  </testsuite>\n'
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="ringback" tests="${tests}" failures="${summary.errors + summary.warnings}" errors="0">
${problems.length === 0 ? clean : suites.join('')}</testsuites>
`
}

function suiteOf(file: string, problems: readonly Problem[]): string {
  const failures = problems.filter(({ severity }) => severity !== 'info').length
  return `  <testsuite name="${escaped(file)}" tests="${problems.length}" failures="${failures}" errors="0">
${problems.map((problem) => caseOf(file, problem)).join('')}  </testsuite>
`
}

function caseOf(file: string, { rule, severity, message, line, column, pointer }: Problem): string {
  const head = `    <testcase classname="${escaped(file)}" name="${escaped(`${rule} ${line}:${column}`)}"`
  const text = escaped(`${file}:${line}:${column} ${severity} ${message} (#${pointer})`)
  if (severity === 'info') return `${head}>\n      <system-out>${text}</system-out>\n    </testcase>\n`
  return `${head}>\n      <failure type="${escaped(`${severity}: ${rule}`)}" message="${escaped(message)}">${text}</failure>\n    </testcase>\n`
}

function escaped(text: string): string {
  return (
    printable(text)
      // XML 1.0, section 2.2: these cannot stand in a document in any way.
      .replace(/[^\u0009\u000a\u000d\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  )
}
