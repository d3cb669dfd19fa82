import { RingbackError } from '../errors/index.ts'
import { checkNames } from '../util/index.ts'
import { MemoryEndpoint } from './memory-endpoint.ts'
import { placeOf } from './places.ts'
import { inUse, type ReceiverStore, type Reseal, type StoreSignal } from './store.ts'

export interface MemoryStoreOptions {
  /** Endpoints kept at once, default 10,000. Ended ones make room first; then creation is refused. */
  readonly maxEndpoints?: number
  /** Calls kept of one endpoint after they were read, default 1,000: the oldest go, and with them their dedupe keys. */
  readonly maxReadCalls?: number
}

/** Endpoints and calls in this process; gone with it. */
export function memoryStore(options: MemoryStoreOptions = {}): ReceiverStore {
  checkNames(options, { maxEndpoints: 'count', maxReadCalls: 'count' }, 'the options of memoryStore()')
  const { maxEndpoints = 10_000, maxReadCalls = 1000 } = options
  const endpoints = new Map<string, MemoryEndpoint>()
  const byIdempotencyKey = new Map<string, string>()
  // In the order in which they ended.
  const ended = new Set<string>()
  let listener: ((signal: StoreSignal) => void) | undefined

  function signal(news: StoreSignal): void {
    if (news.ended === true) ended.add(news.endpointId)
    listener?.(news)
  }

  function remove(id: string): void {
    const key = endpoints.get(id)?.row.idempotencyKey
    if (typeof key === 'string') byIdempotencyKey.delete(key)
    endpoints.delete(id)
    ended.delete(id)
  }

  function makeRoom(now: number): void {
    if (endpoints.size < maxEndpoints) return
    if (ended.size === 0) for (const endpoint of endpoints.values()) endpoint.catchUp(now)
    const [oldest] = ended
    if (oldest === undefined) {
      throw new RingbackError(
        'ERR_RECEIVER_FULL',
        `Expected fewer than ${maxEndpoints} open callback endpoints but found ${endpoints.size}: complete or cancel some, or raise limits.maxEndpoints`,
      )
    }
    remove(oldest)
  }

  /** In the order of ids. */
  function pageAfter(id: string, limit: number, wanted: (endpoint: MemoryEndpoint) => boolean = () => true): MemoryEndpoint[] {
    return [...endpoints.values()]
      .filter((endpoint) => endpoint.row.id > id && wanted(endpoint))
      .sort((a, b) => (a.row.id < b.row.id ? -1 : 1))
      .slice(0, limit)
  }

  return {
    durable: false,

    async start(onSignal) {
      if (listener !== undefined) throw inUse()
      listener = onSignal
    },

    async insertEndpoint(row) {
      const known = row.idempotencyKey === null ? undefined : endpoints.get(byIdempotencyKey.get(row.idempotencyKey) ?? '')
      if (known !== undefined) return { row: known.row, created: false }
      makeRoom(row.createdAt)
      endpoints.set(row.id, new MemoryEndpoint(row, maxReadCalls, signal))
      if (row.idempotencyKey !== null) byIdempotencyKey.set(row.idempotencyKey, row.id)
      return { row, created: true }
    },

    async getEndpoint(id) {
      return endpoints.get(id)?.row ?? null
    },

    async snapshot(id) {
      return endpoints.get(id)?.snapshot ?? null
    },

    async list({ state, after = '', limit, now }) {
      for (const endpoint of endpoints.values()) endpoint.catchUp(now)
      return pageAfter(after, limit, ({ row }) => state === undefined || row.state === state).map(({ snapshot }) => snapshot)
    },

    async findDuplicate(endpointId, dedupeKey, bodyDigest, now) {
      return endpoints.get(endpointId)?.duplicateOf(dedupeKey, bodyDigest, now) ?? null
    },

    async accept(call, now) {
      return endpoints.get(call.endpointId)?.accept(call, now) ?? { kind: 'missing' }
    },

    async claim(endpointId, waiterId, durable, now, leaseMs) {
      return endpoints.get(endpointId)?.claim(waiterId, durable, now, leaseMs) ?? 'ended'
    },

    async withdraw(endpointId, waiterId, assigned, now) {
      return endpoints.get(endpointId)?.withdraw(waiterId, assigned, now) ?? null
    },

    async end(id, to, reason, now) {
      return endpoints.get(id)?.end(to, reason, now) ?? false
    },

    async setReply(endpointId, seq, reply, kid) {
      endpoints.get(endpointId)?.patch(seq, () => ({ reply, kid }))
    },

    async calls(endpointId, { afterSeq = 0, limit }) {
      return endpoints.get(endpointId)?.calls(afterSeq, limit) ?? []
    },

    async bumpDuplicates(endpointId, seq) {
      endpoints.get(endpointId)?.patch(seq, ({ duplicates }) => ({ duplicates: duplicates + 1 }))
    },

    async addRejection(endpointId, rejection, _kid, keep) {
      const endpoint = endpoints.get(endpointId)
      if (endpoint === undefined) return
      endpoint.rejected++
      endpoint.rejections.push(rejection)
      endpoint.rejections.splice(0, Math.max(0, endpoint.rejections.length - keep))
    },

    async rejections(endpointId) {
      return [...(endpoints.get(endpointId)?.rejections ?? [])]
    },

    async expireDue(now, limit) {
      const due: string[] = []
      for (const endpoint of endpoints.values()) {
        if (due.length >= limit) break
        if (endpoint.row.state !== 'open') continue
        endpoint.catchUp(now)
        if (endpoint.row.state !== 'open') due.push(endpoint.row.id)
      }
      return due
    },

    async purge(before, limit) {
      const old = [...ended].filter((id) => (endpoints.get(id)?.row.endedAt ?? before) < before).slice(0, limit)
      for (const id of old) remove(id)
      return old.length
    },

    async reseal(notKid, after, limit, seal) {
      const page = pageAfter(after ?? '', limit)
      const results = page.flatMap((endpoint) => resealEndpoint(endpoint, notKid, seal))
      return { last: page.at(-1)?.row.id ?? null, scanned: results.length, rewritten: results.filter(Boolean).length }
    },

    async stop() {
      listener = undefined
    },
  }
}

/** For every row that another key sealed, whether it is now under this one. */
function resealEndpoint(endpoint: MemoryEndpoint, notKid: string, seal: Reseal): boolean[] {
  const { row } = endpoint
  const results: boolean[] = []
  function again<T extends { readonly kid: string | null }>(
    record: T,
    fields: readonly (readonly [keyof T, string])[],
  ): Partial<T> {
    const changes: Record<PropertyKey, unknown> = {}
    let isWhole = true
    for (const [field, place] of fields) {
      const sealed = record[field]
      const result = sealed instanceof Uint8Array ? seal(sealed, place) : 'current'
      if (typeof result === 'object') changes[field] = result.sealed
      if (result === 'unreadable') isWhole = false
    }
    if (isWhole) changes.kid = notKid
    results.push(isWhole)
    return changes as Partial<T>
  }

  if (row.kid !== notKid) endpoint.row = { ...row, ...again(row, [['sealed', placeOf.endpoint(row.id)]]) }
  for (const call of endpoint.calls(0, Number.POSITIVE_INFINITY)) {
    if (call.kid === notKid) continue
    const { callId } = call
    const changes = again(call, [
      ['sealed', placeOf.call(row.id, callId)],
      ['reply', placeOf.reply(row.id, callId)],
    ])
    endpoint.patch(call.seq, () => changes)
  }
  endpoint.rejections.forEach((sealed, index) => {
    const result = seal(sealed, placeOf.rejection(row.id))
    if (typeof result === 'object') endpoint.rejections[index] = result.sealed
  })
  return results
}
