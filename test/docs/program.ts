import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Doors } from '../support/doors.ts'
import { type CodeBlock, codeBlocks } from '../support/markdown.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The code blocks of a page, from the root of the repository. */
function blocksOf(page: string): CodeBlock[] {
  return codeBlocks(readFileSync(join(root, page), 'utf8'))
}

/** The block with this text in it. Throws when there is none. */
export function blockWith(page: string, text: string): string {
  const block = blocksOf(page).find((one) => one.text.includes(text))
  if (block === undefined) throw new Error(`${page} has no code block with ${JSON.stringify(text)}`)
  return block.text
}

/** A program that goes on from block to block: the one with this text in it, and all that continue it. */
export function programWith(page: string, text: string): string {
  const blocks = blocksOf(page)
  const first = blocks.findIndex((one) => one.text.includes(text))
  const rest = blocks.slice(first + 1)
  const end = rest.findIndex(({ marks, language }) => language === blocks[first]?.language && !marks.includes('continues'))
  const more = rest.slice(0, end === -1 ? rest.length : end).filter(({ marks }) => marks.includes('continues'))
  return [blockWith(page, text), ...more.map((one) => one.text)].join('\n')
}

/** The same with callbacks to this machine let through, which the page leaves out. */
export function onLoopback(program: string): string {
  const policy = "policy: (await import('ringback/dispatcher')).publicInternet({ devLoopback: true })"
  return program.replaceAll(/createDispatcher\((?:\{ |\))/g, (call) =>
    call.endsWith(')') ? `createDispatcher({ ${policy} })` : `createDispatcher({ ${policy}, `,
  )
}

/** What a reader of a page has on disk: files that were copied from it, in a folder in which packages are found. */
export interface Desk {
  readonly folder: string
  save(name: string, text: string): void
  /** Runs a file with Node. */
  run(file: string, ...args: readonly string[]): Program
  /** Ends what runs, and clears the folder away. */
  clear(): Promise<void>
}

export interface Program {
  /** The next line with this in it. Rejects with what was printed when the program ends before. */
  line(text: string): Promise<string>
  /** Everything it printed. Rejects when it ends with something else than 0. */
  readonly output: Promise<string>
}

export function desk(doors: Doors): Desk {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache/desk-'))
  const running = new Set<ChildProcess>()
  return {
    folder,
    save: (name, text) => writeFileSync(join(folder, name), `${text}\n`),
    run(file, ...args) {
      const options = { cwd: folder, env: { ...process.env, NODE_ENV: 'development' } }
      const child = spawn(process.execPath, [...doors.flags, file, ...args], options)
      running.add(child)
      void once(child, 'exit').then(() => running.delete(child))
      return programOf(child, file)
    },
    async clear() {
      for (const child of running) {
        const exited = once(child, 'exit')
        child.kill('SIGKILL')
        await exited
      }
      rmSync(folder, { recursive: true })
    },
  }
}

function programOf(child: ChildProcess, file: string): Program {
  let printed = ''
  let read = 0
  let ended = false
  const watchers = new Set<() => void>()
  const tell = (): void => {
    for (const watcher of watchers) watcher()
  }
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      printed += chunk
      tell()
    })
  const closed = once(child, 'close').then(([code]) => {
    ended = true
    tell()
    return code as number | null
  })
  const output = closed.then((code) => {
    if (code === 0) return printed
    throw new Error(`${file} ended with ${code}:\n${printed}`)
  })
  // Most who start a server never ask for its output.
  output.catch(() => {})
  return {
    output,
    line: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const at = printed.indexOf(text, read)
          const end = at === -1 ? -1 : printed.indexOf('\n', at)
          if (end === -1) {
            if (!ended) return
            watchers.delete(look)
            reject(new Error(`${file} ended and did not print ${JSON.stringify(text)}:\n${printed}`))
            return
          }
          watchers.delete(look)
          read = end
          resolve(printed.slice(printed.lastIndexOf('\n', at) + 1, end))
        }
        watchers.add(look)
        look()
      }),
  }
}

/** One that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('a server has no port')
  return address.port
}
