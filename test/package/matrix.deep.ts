import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

// One after the other: each of them takes all the processors that there are.
test.for(['bun', 'deno', 'node-20.19.0', 'node-22', 'node-24'])(
  'the built package is right on %s',
  { timeout: 900_000 },
  async (runtime, { skip }) => {
    const matrix = spawn(process.execPath, ['scripts/matrix.mjs', runtime], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    const [output, errors, [status]] = await Promise.all([text(matrix.stdout), text(matrix.stderr), once(matrix, 'exit')])
    const skipped = output.split('\n').find((line) => line.startsWith('SKIPPED '))
    skip(status === 75 && skipped !== undefined, skipped)
    expect(output).toMatch(new RegExp(`^ok ${runtime} `, 'm'))
    expect(status, errors).toBe(0)
  },
)
