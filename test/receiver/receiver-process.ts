import type { ChildProcess } from 'node:child_process'
import { buildScript, killHard, type Script, sourceFile } from '../support/child.ts'

/** `path` of a SQLite file, or `url` of a PostgreSQL database. */
export type Shared = { readonly path: string } | { readonly url: string }

export interface Got {
  readonly seq: number
  readonly body: unknown
}

/** A receiver in a process of its own. */
export interface ReceiverProcess {
  /** The same endpoint, reached through this process. */
  urlOf(url: string): string
  next(endpointId: string, options?: { readonly timeout?: number; readonly waiter?: string }): Promise<Got | undefined>
  create(options?: object): Promise<{ readonly id: string; readonly url: string }>
  waiters(endpointId: string): Promise<number>
  kill(): Promise<void>
}

const text = `
  import pg from 'pg'
  import { createReceiver, postgresStore, sqliteStore } from ${sourceFile('receiver/index.ts')}
  const { shared, laterMs, skewMs } = JSON.parse(process.argv[2])
  const exactly = Date.now
  Date.now = () => exactly() + skewMs
  const store = 'path' in shared ? sqliteStore({ path: shared.path }) : postgresStore({ pool: new pg.Pool({ connectionString: shared.url }) })
  const clock = {
    now: () => Date.now() + laterMs,
    setTimeout(work, ms) {
      const timer = setTimeout(work, Math.min(ms, 2 ** 31 - 1))
      return { cancel: () => clearTimeout(timer) }
    },
  }
  const keyring = { keys: [{ kid: 'k1', key: new Uint8Array(32).fill(7) }] }
  const receiver = createReceiver({ baseUrl: 'http://127.0.0.1:0', store, keyring, ...(laterMs === 0 ? {} : { clock }) })
  const { url } = await receiver.listen()
  const does = {
    async next({ endpointId, options }) {
      const call = await (await receiver.open(endpointId)).next(options)
      return { seq: call.seq, body: call.body }
    },
    async create(options) {
      const cb = await receiver.create(options)
      return { id: cb.id, url: cb.url }
    },
    waiters: async (endpointId) => (await (await receiver.open(endpointId)).status()).waiters,
  }
  process.on('message', async ({ n, what, about }) => {
    try {
      process.send({ n, result: await does[what](about) })
    } catch (error) {
      process.send({ n, error: String(error.code ?? error) })
    }
  })
  process.send({ url })
`

export function receiverProcesses(): {
  /** `laterMs`: a process for which all of us live in the past. `skewMs`: one whose machine has a wrong clock. */
  start(shared: Shared, laterMs?: number, skewMs?: number): Promise<ReceiverProcess>
  end(): Promise<void>
} {
  let script: Promise<Script> | undefined
  const children = new Set<ChildProcess>()
  return {
    async start(shared, laterMs = 0, skewMs = 0) {
      script ??= buildScript(text)
      const child = (await script).start(JSON.stringify({ shared, laterMs, skewMs }))
      children.add(child)
      return receiverProcess(child)
    },
    async end() {
      await Promise.all([...children].map(killHard))
      ;(await script)?.remove()
    },
  }
}

interface Message {
  readonly n?: number
  readonly url?: string
  readonly result?: unknown
  readonly error?: string
}

async function receiverProcess(child: ChildProcess): Promise<ReceiverProcess> {
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: unknown): void }>()
  let asked = 0
  const base = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error('The process ended before it listened')))
    child.on('message', ({ n = 0, url, result, error }: Message) => {
      if (url !== undefined) resolve(url)
      const waits = waiting.get(n)
      if (error === undefined) waits?.resolve(result)
      else waits?.reject(new Error(error))
    })
  })
  const ask = <T>(what: string, about: unknown): Promise<T> =>
    new Promise((resolve, reject) => {
      waiting.set(++asked, { resolve: (result) => resolve(result as T), reject })
      child.send({ n: asked, what, about })
    })
  return {
    urlOf: (url) => base + new URL(url).pathname,
    next: (endpointId, options) =>
      ask<Got>('next', { endpointId, options }).catch((error: Error) => {
        if (error.message === 'ERR_CALLBACK_TIMEOUT') return undefined
        throw error
      }),
    create: (options = {}) => ask('create', options),
    waiters: (endpointId) => ask('waiters', endpointId),
    kill: () => killHard(child),
  }
}
