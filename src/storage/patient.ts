import { busyTimeoutMs } from './open-sqlite.ts'
import type { SqliteDatabase } from './sqlite-driver.ts'

/** Runs a transaction, at once where the file is free. In the order of the calls. Rejects with what SQLite says. */
export type Transact = <T>(work: () => T) => Promise<T>

// Longer than others take to commit, most often. Meanwhile this process does nothing else: SQLite waits with the whole thread.
const standStillMs = 50
const pauseMs = 25

/**
 * Transactions of a file that another process may be writing to: where that takes longer than a commit does, this process goes on with other
 * work and tries again, for as long as SQLite itself would wait. Only one connection's, so that those that wait keep their order.
 */
export function patient(database: SqliteDatabase, patienceMs: number = busyTimeoutMs): Transact {
  // For single queries too: none of them writes.
  database.exec(`PRAGMA busy_timeout = ${standStillMs}`)
  let last: Promise<unknown> | undefined

  const once = <T>(work: () => T): { readonly value: T } | { readonly busy: unknown } => {
    let isLocked = false
    try {
      const value = database.transaction(() => {
        isLocked = true
        return work()
      })
      return { value }
    } catch (error) {
      // Nothing has been done: SQLite takes the lock first.
      if (!isLocked && isBusy(error)) return { busy: error }
      throw error
    }
  }

  const untilFree = async <T>(work: () => T): Promise<T> => {
    const until = performance.now() + patienceMs
    for (;;) {
      const tried = once(work)
      if ('value' in tried) return tried.value
      if (performance.now() >= until) throw tried.busy
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }

  const inLine = <T>(work: () => T): Promise<T> => {
    const ended = last === undefined ? untilFree(work) : last.then(() => untilFree(work))
    const mine = ended.then(noop, noop).then(() => {
      if (last === mine) last = undefined
    })
    last = mine
    return ended
  }

  return async (work) => {
    if (last !== undefined) return inLine(work)
    const tried = once(work)
    return 'value' in tried ? tried.value : inLine(work)
  }
}

/** SQLITE_BUSY and its extended codes (sqlite.org/rescode.html), as node:sqlite and libsql tell them. */
function isBusy(error: unknown): boolean {
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown }
  return (typeof errcode === 'number' && (errcode & 0xff) === 5) || (typeof code === 'string' && code.startsWith('SQLITE_BUSY'))
}

function noop(): void {}
