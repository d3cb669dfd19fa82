#!/usr/bin/env node
import { runCommandLine } from './program.ts'

// `ringback … | head` closes our output early: an ordinary end, not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const terminal = {
  stdout: (text: string): unknown => process.stdout.write(text),
  stderr: (text: string): unknown => process.stderr.write(text),
}

runCommandLine(process.argv.slice(2), terminal).then((exitCode) => {
  // Not process.exit: what was written must reach a pipe first.
  process.exitCode = exitCode
})
