import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'

export interface Scratch {
  readonly folder: string
  /** Writes a file, and the folders above it. */
  file(name: string, content: string | Uint8Array): string
}

/** A folder for the tests of one file. It goes with the last of them, after the `afterAll` hooks that are registered later. */
export function scratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  return {
    folder,
    file(name, content) {
      const path = join(folder, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, content)
      return path
    },
  }
}
