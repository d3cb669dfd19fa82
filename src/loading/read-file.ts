import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { UnavailableFile } from '../openapi/index.ts'
import { err, messageOf, ok, type Result } from '../util/index.ts'

/**
 * The bytes of a `file:` URI, if they are a regular file inside `root` once every symbolic link is followed. `root` is such a path
 * already; `undefined` lets the caller's own entry document stand anywhere.
 */
export async function readFileInside(
  uri: string,
  root: string | undefined,
  maxBytes: number,
): Promise<Result<Uint8Array, UnavailableFile>> {
  try {
    const path = await realpath(fileURLToPath(uri))
    if (root !== undefined && !isInside(path, root))
      return err({ reason: 'outside-root', message: `${path} is outside the root folder ${root}` })
    return await readBounded(path, maxBytes)
  } catch (error) {
    return err(reasonOf(error, uri))
  }
}

function isInside(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)
}

async function readBounded(path: string, maxBytes: number): Promise<Result<Uint8Array, UnavailableFile>> {
  // Non-blocking, so that a FIFO without a writer cannot hold us up before its kind is known.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const { size, isFile } = await file.stat().then((stat) => ({ size: stat.size, isFile: stat.isFile() }))
    if (!isFile) return err({ reason: 'unreadable', message: `${path} is not a regular file` })
    if (size > maxBytes)
      return err({ reason: 'unreadable', message: `expected at most ${maxBytes} bytes but ${path} has ${size}` })
    return ok(await file.readFile())
  } finally {
    await file.close()
  }
}

function reasonOf(error: unknown, uri: string): UnavailableFile {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR') return { reason: 'not-found', message: `there is no file ${uri}` }
  return { reason: 'unreadable', message: `${uri} cannot be read (${messageOf(error)})` }
}
