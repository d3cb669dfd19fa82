#!/usr/bin/env node
import module from 'node:module'

// Node 22 and later keep what they compiled for the next start. Before anything else is loaded.
const { enableCompileCache } = module as { enableCompileCache?: () => void }
enableCompileCache?.()

// `ringback … | head` closes our output early: an ordinary end, not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const terminal = {
  stdout: (text: string): unknown => process.stdout.write(text),
  stderr: (text: string): unknown => process.stderr.write(text),
}

import('./program.ts')
  .then(({ runCommandLine }) => runCommandLine(process.argv.slice(2), terminal))
  .then((exitCode) => {
    // Not process.exit: what was written must reach a pipe first.
    process.exitCode = exitCode
  })
