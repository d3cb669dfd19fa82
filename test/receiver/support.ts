import {
  type CallbackEndpoint,
  createReceiver,
  type Receiver,
  type ReceiverEvent,
  type ReceiverOptions,
  type ReceiverStore,
} from 'ringback/receiver'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'

export interface Bench {
  readonly receiver: Receiver
  readonly clock: ManualClock
  readonly events: ReceiverEvent[]
  /** A request at an endpoint, through `handle()`. */
  send(cb: Pick<CallbackEndpoint, 'url'>, request?: Sent): Promise<Response>
}

export interface Sent {
  readonly method?: string
  /** Appended to the URL. */
  readonly tail?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Text and bytes go as they are, anything else as JSON. */
  readonly body?: unknown
}

/** The same rows, for a receiver that stands for another process. */
export function anotherProcess(store: ReceiverStore): ReceiverStore {
  return { ...store, start: async () => {}, stop: async () => {} }
}

/** A receiver on a manual clock, without a server. */
export function bench(options: Partial<ReceiverOptions> = {}): Bench {
  const clock = manualClock()
  const events: ReceiverEvent[] = []
  const receiver = createReceiver({
    baseUrl: 'https://hooks.example.org',
    clock,
    sweepEvery: false,
    onEvent: (event) => void events.push(event),
    ...options,
  })
  return { receiver, clock, events, send: (cb, request) => receiver.handle(requestOf(cb.url, request)) }
}

export function requestOf(url: string, { method = 'POST', tail = '', headers = {}, body }: Sent = {}): Request {
  const fields = new Headers(headers)
  const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array
  if (!raw && !fields.has('content-type')) fields.set('content-type', 'application/json')
  // A text body would get a media type of its own.
  const content =
    body === undefined ? null : new TextEncoder().encode(raw && typeof body === 'string' ? body : JSON.stringify(body))
  return new Request(url + tail, { method, headers: fields, body: body instanceof Uint8Array ? body.slice() : content })
}

/** Whether a promise has settled by now. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending')
  await new Promise<void>((resolve) => setImmediate(resolve))
  const first = await Promise.race([promise.then(undefined, () => {}), Promise.resolve(pending)])
  return first === pending
}

export const json = { 'content-type': 'application/json' }

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}
