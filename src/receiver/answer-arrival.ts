import { accept } from './accept.ts'
import { type Answer, finished } from './answer.ts'
import { type Arrival, fieldOf, partsOf, prefixesOf } from './arrival.ts'
import { checksOf } from './checks.ts'
import type { Core } from './core.ts'
import { errorName } from './error-name.ts'
import { placeOf } from './places.ts'
import type { Refusal } from './profile.ts'
import { encodeRejection } from './records.ts'
import type { Rejection } from './status.ts'
import type { EndpointRow } from './store.ts'
import type { Outcome, Visit } from './visit.ts'

/** The whole way of a request, from the token to the answer. `undefined`: its path is not below our prefix. Never rejects. */
export function createAnswerer(core: Core): (arrival: Arrival) => Promise<Answer | undefined> {
  const checks = checksOf(core)
  const prefixes = prefixesOf(core)

  return async (arrival) => {
    let endpointId = ''
    try {
      const parts = partsOf(arrival.target, prefixes)
      if (parts === undefined) return undefined
      // Nobody can be told from anybody else any more: all hear the same.
      if (core.traffic.closed) return finished(core.profile.refusal({ kind: 'paused' }), arrival.method)
      await core.started()
      const receivedAt = core.clock.now()
      const query = new URLSearchParams(parts.query)
      const endpoint = arrival.target.length > core.limits.maxUrlBytes ? 'unknown' : await holder(parts.segment, query)
      if (typeof endpoint === 'string') {
        core.traffic.unknown++
        return finished(core.profile.refusal({ kind: endpoint }), arrival.method)
      }
      endpointId = endpoint.id
      if (core.traffic.paused) return finished(core.profile.refusal({ kind: 'paused' }), arrival.method)
      const settings = await core.settingsFor(endpoint)
      if (settings === undefined) return finished(core.profile.refusal({ kind: 'unavailable' }), arrival.method)

      const visit: Visit = {
        endpoint,
        settings,
        arrival,
        parts,
        receivedAt,
        methods: settings.contract?.methodsAt(parts.subPath) ?? endpoint.methods,
        query,
        rawQuery: core.profile.urls.withoutSecret(parts.query),
        authenticated: false,
        rawBody: new Uint8Array(),
        decoded: { kind: 'none', value: undefined },
        dedupeKey: null,
        verdict: undefined,
      }
      const outcome = await outcomeOf(visit)
      const answer = 'answer' in outcome ? outcome.answer : await refuse(visit, outcome.refusal, outcome.bytes)
      if (answer.delayMs !== undefined) await delay(answer.delayMs)
      return finished(answer, arrival.method)
    } catch (error) {
      core.emit('failed', endpointId, errorName(error))
      return finished(core.profile.refusal({ kind: 'failed' }), arrival.method)
    }
  }

  /** The endpoint whose token this is. Whoever does not hold one costs us the same work, whatever is wrong. */
  async function holder(segment: string, query: URLSearchParams): Promise<EndpointRow | 'unknown' | 'no-secret'> {
    const { id, secret } = core.profile.urls.read(segment, query)
    if (secret === undefined) return 'no-secret'
    const row = await core.store.getEndpoint(id)
    const known = core.tokens.verify(id, secret, row?.tokenHash ?? nobody)
    return known && row !== null ? row : 'unknown'
  }

  async function outcomeOf(visit: Visit): Promise<Outcome> {
    for (const check of checks) {
      const outcome = await check(visit)
      if (outcome !== undefined) return outcome
    }
    return accept(core, visit)
  }

  async function refuse({ endpoint, arrival, rawBody }: Visit, refusal: Refusal, bytes = rawBody.length): Promise<Answer> {
    const documented = refusal.kind === 'rejected' ? refusal.documented : undefined
    const answer = documented ?? core.profile.refusal(refusal)
    if (refusal.kind !== 'rejected') return answer
    const contentType = fieldOf(arrival.headers, 'content-type')?.slice(0, 100)
    const rejection: Rejection = {
      at: new Date(core.clock.now()),
      method: arrival.method.slice(0, 20),
      status: answer.status,
      code: refusal.code,
      detail: refusal.detail,
      ...(contentType === undefined ? {} : { contentType }),
      ...(bytes === 0 ? {} : { bytes }),
    }
    const { sealed, kid } = core.sealer.seal(encodeRejection(rejection), placeOf.rejection(endpoint.id))
    await core.store.addRejection(endpoint.id, sealed, kid, core.limits.rejectionsKept)
    core.emit('rejected', endpoint.id, `${answer.status} ${refusal.code}`)
    return answer
  }

  function delay(ms: number): Promise<void> {
    return new Promise((resolve) => core.deadlines.at(core.clock.now() + ms, resolve))
  }
}

const nobody = new Uint8Array(32)
