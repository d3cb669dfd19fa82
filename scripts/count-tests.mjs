// Prints the closing line of .ci/run from a report of Vitest: how many tests passed, failed and were skipped.
import { readFileSync } from 'node:fs'

const [file = ''] = process.argv.slice(2)
const report = JSON.parse(readFileSync(file, 'utf8'))
const passed = report.numPassedTests
// A file that cannot even be loaded has no tests that could fail.
const brokenFiles = report.testResults.filter(
  (/** @type {{ status: string, assertionResults: unknown[] }} */ result) =>
    result.status === 'failed' && result.assertionResults.length === 0,
).length
const failed = report.numFailedTests + brokenFiles
const skipped = report.numPendingTests + report.numTodoTests

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
