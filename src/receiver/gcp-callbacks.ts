import type { GcpCall } from './call.ts'
import type { CallbackEndpoint } from './callback-endpoint.ts'
import type { Receiver } from './callback-receiver.ts'
import { type CallbackState, type Method, methods } from './status.ts'

/** The map that `create_callback_endpoint` returns. */
export interface GcpCallback {
  readonly url: string
}

/** What `executions.callbacks.list` tells of an endpoint. */
export interface GcpCallbackState {
  readonly name: string
  readonly method: Method
  readonly state: 'ACTIVE' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED'
  /** Ids of calls that no wait has had. */
  readonly availablePayloads: readonly string[]
  readonly waiters: number
}

/** The functions of a workflow execution, by their own names. Best with a receiver of the profile `gcp`. */
export interface GcpCallbacks {
  create_callback_endpoint(args?: { readonly http_callback_method?: Method }): Promise<GcpCallback>
  /** `timeout` in seconds, floats allowed, default 43,200, of each wait. Errors carry Google's `tags`: TimeoutError, ValueError, TypeError. */
  await_callback(args: { readonly callback: GcpCallback; readonly timeout?: number }): Promise<GcpCall>
  list(): Promise<GcpCallbackState[]>
  /** The execution is over: every endpoint answers 404, unread calls are discarded. */
  end(state?: 'SUCCEEDED' | 'FAILED' | 'CANCELLED'): Promise<void>
}

const states: Readonly<Record<CallbackState, GcpCallbackState['state']>> = {
  open: 'ACTIVE',
  completed: 'SUCCEEDED',
  expired: 'FAILED',
  cancelled: 'CANCELLED',
}

/** A local double of the callbacks of Google Cloud Workflows, for tests of workflows and of what calls them. */
export function gcpCallbacks(receiver: Receiver): GcpCallbacks {
  const endpoints = new Map<string, CallbackEndpoint>()
  let failed = false

  return {
    async create_callback_endpoint({ http_callback_method: method = 'POST' } = {}) {
      if (typeof method !== 'string')
        throw tagged(new TypeError(`Expected http_callback_method to be text but found ${typeof method}`), 'TypeError')
      if (!methods.includes(method)) {
        throw tagged(
          new RangeError(`Expected http_callback_method to be one of ${methods.join(', ')} but found ${method}`),
          'ValueError',
        )
      }
      const endpoint = await receiver.create({ method, slots: 1, expiresIn: '365d' })
      endpoints.set(endpoint.url, endpoint)
      return { url: endpoint.url }
    },

    async await_callback(args) {
      const { callback, timeout = 43_200 } = args ?? {}
      if (typeof timeout !== 'number')
        throw tagged(new TypeError(`Expected timeout to be a number of seconds but found ${typeof timeout}`), 'TypeError')
      if (!Number.isFinite(timeout) || timeout < 0) {
        throw tagged(new RangeError(`Expected timeout to be a number of seconds from 0 on but found ${timeout}`), 'ValueError')
      }
      const endpoint = endpoints.get(callback?.url ?? '')
      if (endpoint === undefined)
        throw tagged(new RangeError('Expected callback to be what create_callback_endpoint returned'), 'ValueError')
      return (await endpoint.next({ timeout: timeout * 1000 })).toGcp()
    },

    async list() {
      const all: GcpCallbackState[] = []
      for (const endpoint of endpoints.values()) {
        const { id, methods: allowed, state, waiters } = await endpoint.status()
        const unread = (await endpoint.calls()).filter((call) => call.unread)
        all.push({
          name: id,
          method: allowed[0] ?? 'POST',
          state: state === 'cancelled' && failed ? 'FAILED' : states[state],
          availablePayloads: unread.map((call) => call.id),
          waiters,
        })
      }
      return all.sort((a, b) => (a.name < b.name ? -1 : 1))
    },

    async end(state = 'SUCCEEDED') {
      failed = state === 'FAILED'
      for (const endpoint of endpoints.values()) await (state === 'SUCCEEDED' ? endpoint.complete() : endpoint.cancel(state))
    },
  }
}

function tagged<E extends Error>(error: E, tag: string): E {
  return Object.assign(error, { tags: [tag] })
}
