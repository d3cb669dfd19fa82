#!/usr/bin/env node
import module from 'node:module'

// Node 22 and later keep what they compiled for the next start. Before anything else is loaded.
const { enableCompileCache } = module as { enableCompileCache?: () => void }
enableCompileCache?.()

/**
 * `ringback … | head` closes our output early: no error, and no end either. What was begun is finished without output, since its exit code
 * and its files are still wanted.
 */
function writerTo(stream: NodeJS.WriteStream, onClosed: () => void): (text: string) => unknown {
  let isClosed = false
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    isClosed = true
    onClosed()
  })
  return (text) => isClosed || stream.write(text)
}

const enders = new Set<() => void>()
const terminal = {
  stdout: writerTo(process.stdout, () => {
    for (const end of enders) end()
  }),
  stderr: writerTo(process.stderr, () => {}),
  onClosed: (end: () => void): unknown => enders.add(end),
}

import('./program.ts')
  .then(({ runCommandLine }) => runCommandLine(process.argv.slice(2), terminal))
  .then((exitCode) => {
    // Not process.exit: what was written must reach a pipe first.
    process.exitCode = exitCode
  })
