import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { packageDoors } from '../support/doors.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface ExampleProcess {
  readonly url: string
  /** At once, as a crash would. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/** What starts example servers as their readers do, each a process of its own. */
export interface ExampleRunner {
  /** `file`: below `examples`. Resolves when it says where it listens. */
  start(file: string, ...args: readonly string[]): Promise<ExampleProcess>
  /** Ends all that run still. */
  end(): Promise<void>
}

/** The examples import `ringback/…`: the built package, or the sources, bundled for them. */
export async function exampleRunner(): Promise<ExampleRunner> {
  const doors = await packageDoors()
  const running = new Set<ChildProcess>()
  return {
    async start(file, ...args) {
      const child = spawn(process.execPath, [...doors.flags, join(root, 'examples', file), ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      running.add(child)
      const exited = once(child, 'exit').then(([code]) => {
        running.delete(child)
        return code as number | null
      })
      const listening = new Promise<string>((resolve) => {
        createInterface({ input: child.stdout }).on('line', (line) => {
          const [, url] = /^listening on (.*)$/.exec(line) ?? []
          if (url !== undefined) resolve(url)
        })
      })
      const url = await Promise.race([
        listening,
        exited.then((code) => Promise.reject(new Error(`${file} ended with ${code} before it listened.`))),
      ])
      const end = async (signal: NodeJS.Signals): Promise<void> => {
        child.kill(signal)
        await exited
      }
      return { url, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') }
    },
    async end() {
      await Promise.all(
        [...running].map(async (child) => {
          const exited = once(child, 'exit')
          child.kill('SIGKILL')
          await exited
        }),
      )
      doors.remove()
    },
  }
}
