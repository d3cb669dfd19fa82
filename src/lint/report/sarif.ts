import type { Problem } from '../problem.ts'
import { rules } from '../rules/index.ts'
import type { Severity } from '../severity.ts'
import type { Reporter } from './reporter.ts'
import { rulePage } from './words.ts'

/** SARIF 2.1.0 (OASIS), for code scanning: lines and columns from 1, columns in UTF-16 units, ends exclusive. */
export const sarif: Reporter = ({ problems }, { version }) => {
  const used = [...new Set(problems.map(({ rule }) => rule))]
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'ringback',
            ...(version === undefined ? {} : { version }),
            informationUri: 'https://www.npmjs.com/package/ringback',
            rules: used.map(descriptor),
          },
        },
        // A document that cannot be read was not looked at.
        invocations: [{ executionSuccessful: !used.includes('unreadable') }],
        columnKind: 'utf16CodeUnits',
        results: problems.map((problem) => resultOf(problem, used)),
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

function descriptor(name: string): object {
  const rule = rules.find((one) => one.name === name)
  return {
    id: name,
    shortDescription: { text: rule?.summary ?? 'The document cannot be read.' },
    helpUri: rulePage(name),
    defaultConfiguration: { level: levelOf(rule?.severity ?? 'error') },
  }
}

function resultOf(problem: Problem, used: readonly string[]): object {
  const { rule, severity, message, file, line, column, endLine, endColumn, offset, pointer, fix } = problem
  const artifactLocation = { uri: uriOf(file) }
  return {
    ruleId: rule,
    ruleIndex: used.indexOf(rule),
    level: levelOf(severity),
    message: { text: message },
    locations: [
      {
        physicalLocation: {
          artifactLocation,
          region: { startLine: line, startColumn: column, endLine, endColumn, charOffset: offset },
        },
        logicalLocations: [{ fullyQualifiedName: `#${pointer}`, kind: 'member' }],
      },
    ],
    partialFingerprints: { 'ringbackPlace/v1': `${rule} ${uriOf(file)}#${pointer}` },
    ...(fix === undefined
      ? {}
      : {
          fixes: [
            {
              artifactChanges: [
                {
                  artifactLocation,
                  replacements: fix.edits.map(({ start, end, text }) => ({
                    deletedRegion: { charOffset: start, charLength: end - start },
                    insertedContent: { text },
                  })),
                },
              ],
            },
          ],
        }),
  }
}

function levelOf(severity: Severity): 'error' | 'warning' | 'note' {
  return severity === 'info' ? 'note' : severity
}

/** A relative path as a relative URI reference; what is a URI already stays. */
function uriOf(file: string): string {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(file)) return file
  const path = file.replaceAll('\\', '/')
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  if (path.startsWith('/')) return `file://${encoded}`
  return /^[A-Za-z]:\//.test(path) ? `file:///${encoded.replace('%3A', ':')}` : encoded
}
