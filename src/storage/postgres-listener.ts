import { type Clock, systemClock } from '../util/index.ts'

/** What is needed of `pg`'s Client, not yet connected. */
export interface PostgresListenerClient {
  connect(): Promise<unknown>
  query(text: string): Promise<unknown>
  on(event: 'notification', listener: (message: { readonly payload?: string | undefined }) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'end', listener: () => void): unknown
  end(): Promise<void>
}

export interface ListenOptions {
  /** A new client each time. */
  readonly connect: () => PostgresListenerClient
  /** A plain identifier. */
  readonly channel: string
  readonly onPayload: (payload: string) => void
  /** After every start of listening: what was said before went past us. */
  readonly onListening: () => void
  readonly clock?: Clock
}

export interface PostgresListener {
  stop(): Promise<void>
}

const firstRetryMs = 200
const lastRetryMs = 10_000

/** Listens on a connection of its own, and connects again when it is lost. */
export function listenPostgres({
  connect,
  channel,
  onPayload,
  onListening,
  clock = systemClock,
}: ListenOptions): PostgresListener {
  let stopped = false
  let client: PostgresListenerClient | undefined
  let timer: { cancel(): void } | undefined
  let retryMs = firstRetryMs

  function lost(which: PostgresListenerClient): void {
    if (stopped || client !== which) return
    client = undefined
    void which.end().catch(() => {})
    timer = clock.setTimeout(() => void open(), retryMs)
    retryMs = Math.min(retryMs * 2, lastRetryMs)
  }

  async function open(): Promise<void> {
    const mine = connect()
    client = mine
    mine.on('error', () => lost(mine))
    mine.on('end', () => lost(mine))
    mine.on('notification', ({ payload = '' }) => onPayload(payload))
    try {
      await mine.connect()
      await mine.query(`LISTEN ${channel}`)
      retryMs = firstRetryMs
      onListening()
    } catch {
      // Polling goes on meanwhile.
      lost(mine)
    }
  }

  void open()

  return {
    async stop() {
      stopped = true
      timer?.cancel()
      await client?.end().catch(() => {})
    },
  }
}
