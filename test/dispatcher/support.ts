import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CallbackRequest, Dispatcher, DispatcherEvent, DispatcherEvents, SendReport, Transport } from 'ringback/dispatcher'

export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface TestReceiver {
  readonly url: string
  readonly seen: readonly SeenRequest[]
  close(): Promise<void>
}

/** A real HTTP server on loopback. `answer` gets the number of the request, from 1. */
export async function testReceiver(
  answer: (response: ServerResponse, n: number, request: IncomingMessage) => void = (response) => response.end(),
): Promise<TestReceiver> {
  const seen: SeenRequest[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) })
    answer(response, seen.length, request)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

export interface ManualClock {
  now(): number
  setTimeout(callback: () => void, delayMs: number): { cancel(): void }
  /** Moves time forward and fires what becomes due, in order. */
  advance(ms: number): void
  /** The instant of the next timer. */
  nextTimerAt(): number | undefined
}

export function manualClock(start = 1_700_000_000_000): ManualClock {
  let now = start
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>()
  const earliest = (): { readonly at: number; readonly callback: () => void } | undefined =>
    [...timers].reduce<{ at: number; callback: () => void } | undefined>(
      (first, timer) => (first === undefined || timer.at < first.at ? timer : first),
      undefined,
    )
  return {
    now: () => now,
    setTimeout(callback, delayMs) {
      const timer = { at: now + delayMs, callback }
      timers.add(timer)
      return { cancel: () => timers.delete(timer) }
    },
    advance(ms) {
      const end = now + ms
      for (let next = earliest(); next !== undefined && next.at <= end; next = earliest()) {
        timers.delete(next)
        now = Math.max(now, next.at)
        next.callback()
      }
      now = end
    },
    nextTimerAt: () => earliest()?.at,
  }
}

export function callbackRequest(id: string, url: string, changes: Partial<CallbackRequest> = {}): CallbackRequest {
  return {
    id,
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify({ id })),
    metadata: {},
    ...changes,
  }
}

export const answered = (status: number, headers: Record<string, string> = {}): SendReport => ({
  outcome: { kind: 'response', status, headers, body: new Uint8Array(0), completeness: 'complete' },
  phase: 'response',
  sent: 'yes',
  reusedConnection: false,
  timings: { total: 1 },
})

const abortedReport: SendReport = {
  outcome: { kind: 'failed', cause: 'aborted', code: 'ABORT_ERR', message: '' },
  phase: 'request',
  sent: 'maybe',
  reusedConnection: false,
  timings: { total: 1 },
}

/** A transport without a network. `answer` gets the number of the request, from 1. */
export function fakeTransport(
  answer: (request: Parameters<Transport['send']>[0], n: number) => SendReport | Promise<SendReport> = () => answered(200),
): Transport & { readonly sent: Parameters<Transport['send']>[0][] } {
  const sent: Parameters<Transport['send']>[0][] = []
  return {
    sent,
    async send(request, { signal } = {}) {
      sent.push(request)
      const aborted = new Promise<SendReport>((resolve) => signal?.addEventListener('abort', () => resolve(abortedReport)))
      return Promise.race([answer(request, sent.length), aborted])
    },
    async close() {},
  }
}

/** Lets everything run that waits for no timer. */
export async function turns(n = 20): Promise<void> {
  for (let i = 0; i < n; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Resolves with the payload of the next event of that name that passes. */
export function when<E extends DispatcherEvent>(
  dispatcher: Dispatcher,
  event: E,
  passes: (payload: DispatcherEvents[E]) => boolean = () => true,
): Promise<DispatcherEvents[E]> {
  return new Promise((resolve) => {
    const unsubscribe = dispatcher.on(event, (payload) => {
      if (!passes(payload)) return
      unsubscribe()
      resolve(payload)
    })
  })
}
