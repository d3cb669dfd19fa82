import { type Runner, resealPage, type Steps } from '../../storage/index.ts'
import { repeat } from '../repeat.ts'
import { inUse, type ReceiverStore, type StoreSignal } from '../store.ts'
import type { Dialect } from './dialect.ts'
import { sealedTables } from './sealed-tables.ts'
import { createTransactions, type Transactions } from './transactions.ts'

export interface SqlStoreParts {
  readonly dialect: Dialect
  readonly runner: Runner
  /** Opens what tells of other processes' work. `look`: asks the tables what has become of the waits of this process; never rejects. */
  start(parts: { readonly look: () => Promise<void>; readonly hear: (signal: StoreSignal) => void }): Promise<void>
  /** See `ReceiverStore`. */
  now?(): Promise<number>
  /** Tells other processes, in the transaction that makes it true. */
  announce?(signals: readonly StoreSignal[]): Steps<void>
  /** While somebody waits: how often the tables are asked, in milliseconds, and whether it is worth the question. */
  readonly poll: { delayMs(): number; hasNews?(): boolean }
  stop(): Promise<void>
}

/** The waits of this process that the tables hold. */
type Waits = Map<string, { readonly endpointId: string; readonly waiterId: string }>

/** `ReceiverStore` over tables: the same transactions for SQLite and for PostgreSQL. */
export function sqlStore({ dialect, runner, start, now, announce, poll, stop }: SqlStoreParts): ReceiverStore {
  const waits: Waits = new Map()
  let listener: (signal: StoreSignal) => void = () => {}
  let isUsed = false
  // Only while somebody waits, so that it keeps no process alive.
  let polling: { stop(): void } | undefined

  /** Signals go out when the transaction that made them true is over. */
  async function run<T>(work: (transactions: Transactions) => Steps<T>): Promise<T> {
    let signals: StoreSignal[] = []
    const transactions = createTransactions(dialect, (news) => void signals.push(news))
    const result = await runner.transaction(function* () {
      signals = []
      const value = yield* work(transactions)
      if (announce !== undefined && signals.length > 0) yield* announce(signals)
      return value
    })
    for (const signal of signals) listener(signal)
    return result
  }

  const reader = createTransactions(dialect, () => {})
  const read = <T>(work: (transactions: Transactions) => Steps<T>): Promise<T> => runner.read(() => work(reader))

  async function look(isWorthIt: () => boolean = () => true): Promise<void> {
    if (waits.size === 0) return
    try {
      if (!isWorthIt()) return
      for (const signal of await read((transactions) => transactions.news([...waits.values()]))) listener(signal)
    } catch {
      // Asked again at the next turn; the next request to the store fails in front of somebody who can be told.
    }
  }

  function forget(key: string): void {
    waits.delete(key)
    if (waits.size > 0) return
    polling?.stop()
    polling = undefined
  }

  return {
    durable: true,

    async start(onSignal) {
      if (isUsed) throw inUse()
      isUsed = true
      listener = onSignal
      try {
        await start({ look, hear: (signal) => listener(signal) })
      } catch (error) {
        isUsed = false
        throw error
      }
    },

    ...(now === undefined ? {} : { now }),

    insertEndpoint: (row) => run((transactions) => transactions.insertEndpoint(row)),
    getEndpoint: (id) => read((transactions) => transactions.getEndpoint(id)),
    snapshot: (id) => read((transactions) => transactions.snapshot(id)),
    list: (page) => read((transactions) => transactions.list(page)),
    findDuplicate: (...call) => read((transactions) => transactions.findDuplicate(...call)),
    accept: (call, now) => run((transactions) => transactions.accept(call, now)),

    async claim(endpointId, waiterId, durable, now, leaseMs) {
      const key = JSON.stringify([endpointId, waiterId])
      // Before the tables know of it: an answer that comes early is only looked at twice.
      waits.set(key, { endpointId, waiterId })
      polling ??= repeat(poll.delayMs, () => look(poll.hasNews))
      let found: Awaited<ReturnType<ReceiverStore['claim']>> | undefined
      try {
        found = await run((transactions) => transactions.claim(endpointId, waiterId, durable, now, leaseMs))
        return found
      } finally {
        if (found !== 'waiting') forget(key)
      }
    },

    withdraw(endpointId, waiterId, assigned, now) {
      forget(JSON.stringify([endpointId, waiterId]))
      return run((transactions) => transactions.withdraw(endpointId, waiterId, assigned, now))
    },

    end: (id, to, reason, now) => run((transactions) => transactions.end(id, to, reason, now)),
    setReply: (...reply) => run((transactions) => transactions.setReply(...reply)),
    calls: (endpointId, page) => read((transactions) => transactions.calls(endpointId, page)),
    bumpDuplicates: (endpointId, seq) => run((transactions) => transactions.bumpDuplicates(endpointId, seq)),
    addRejection: (...rejection) => run((transactions) => transactions.addRejection(...rejection)),
    rejections: (endpointId) => read((transactions) => transactions.rejections(endpointId)),
    expireDue: (now, limit) => run((transactions) => transactions.expireDue(now, limit)),
    purge: (before, limit) => run((transactions) => transactions.purge(before, limit)),
    reseal(notKid, after, limit, seal) {
      const { lock } = dialect
      return runner.transaction(() => resealPage({ tables: sealedTables, lock, notKid, after, limit, seal }))
    },

    async stop() {
      isUsed = false
      listener = () => {}
      for (const key of [...waits.keys()]) forget(key)
      await stop()
    },
  }
}
