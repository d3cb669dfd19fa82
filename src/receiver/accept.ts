import { deferred, randomId } from '../util/index.ts'
import { type Answer, answerOf } from './answer.ts'
import type { Call, Reply, Responder } from './call.ts'
import { duplicateOutcome } from './checks.ts'
import type { Core, Injection } from './core.ts'
import { digestOf } from './digest.ts'
import { errorName } from './error-name.ts'
import { placeOf } from './places.ts'
import { encodeCall } from './records.ts'
import { sealedReply, storeReply } from './reply.ts'
import type { Method } from './status.ts'
import type { CallRow, NewCall } from './store.ts'
import { answered, type Outcome, rejected, type Visit } from './visit.ts'

/** Turns a request that passed every check into a call, and finds its answer. */
export async function accept(core: Core, visit: Visit): Promise<Outcome> {
  const { endpoint, settings } = visit
  const row = newCall(core, visit)
  const injection = nextInjection(core, endpoint.id)
  if (injection !== undefined) {
    const answer = await chosen(injection.responder, await core.callFrom({ ...row, seq: 0, waiterId: null, duplicates: 0 }))
    if (!(injection.store ?? answer.status < 400)) return answered(answer)
    return store(core, visit, { ...row, reply: sealedReply(core, row, answer) }, () => Promise.resolve(answer))
  }

  const { respond } = settings
  if (respond === 'manual') return manually(core, visit, row)
  if (typeof respond === 'function') return store(core, visit, row, (stored) => byFunction(core, stored, respond))
  const described = core.profile.checksContent ? visit.verdict?.answer : undefined
  const answer = respond ?? described ?? core.profile.accepted(endpoint.id)
  return store(core, visit, { ...row, reply: sealedReply(core, row, answer) }, () => Promise.resolve(answer))
}

function newCall(
  core: Core,
  { endpoint, arrival, parts, rawQuery, rawBody, receivedAt, dedupeKey, verdict, settings }: Visit,
): NewCall {
  const callId = randomId(receivedAt, core.random)
  const record = {
    method: arrival.method as Method,
    subPath: parts.subPath,
    query: rawQuery,
    headers: arrival.headers,
    ...(arrival.remoteAddress === undefined ? {} : { remoteAddress: arrival.remoteAddress }),
    ...(verdict === undefined ? {} : { operation: verdict.operation, validation: verdict.validation }),
  }
  return {
    endpointId: endpoint.id,
    callId,
    receivedAt,
    dedupeKey,
    bodyDigest: digestOf(settings.digestKey, rawBody),
    ...core.sealer.seal(encodeCall(record, rawBody), placeOf.call(endpoint.id, callId)),
    reply: null,
    replyDueAt: core.clock.now() + core.limits.manualResponseTimeoutMs,
  }
}

/** One transaction of the store, and then the answer. */
async function store(core: Core, visit: Visit, call: NewCall, answer: (stored: CallRow) => Promise<Answer>): Promise<Outcome> {
  const { endpoint, settings } = visit
  const result = await core.store.accept(call, core.clock.now())
  switch (result.kind) {
    case 'accepted':
      core.emit('accepted', endpoint.id)
      if (result.completed) core.emit('ended', endpoint.id, 'completed')
      return answered(await answer({ ...call, seq: result.seq, waiterId: result.waiterId, duplicates: 0 }))
    case 'full':
      return rejected('full', `${endpoint.slots} unread calls are kept, and nobody waits for another`, {
        retryAfterMs: settings.retryAfterMs,
      })
    case 'ended':
      return rejected('ended', `the endpoint is ${result.state}`, { ended: { state: result.state, endedAt: result.endedAt } })
    case 'missing':
      return { refusal: { kind: 'unknown' } }
    default:
      return duplicateOutcome(core, visit, result)
  }
}

/** The sender waits until `call.respond()`, or is told that the call is in. */
async function manually(core: Core, visit: Visit, call: NewCall): Promise<Outcome> {
  const reply = deferred<Answer>()
  let waits = true
  // Before the call is stored: who gets it may answer before we hear that it is.
  core.manual.set(call.callId, {
    answer(answer) {
      const inTime = waits
      waits = false
      reply.resolve(answer)
      return inTime
    },
  })
  const timer = core.deadlines.at(call.replyDueAt, () => {
    waits = false
    reply.resolve(core.profile.pending(visit.endpoint.id))
  })
  try {
    return await store(core, visit, call, async (stored) => {
      const answer = await reply.promise
      await storeReply(core, stored, answer)
      return answer
    })
  } finally {
    timer.cancel()
    core.manual.delete(call.callId)
  }
}

/** The call is stored: if the function fails, its sender hears so, and a retry gets the answer to a stored call. */
async function byFunction(core: Core, row: CallRow, respond: (call: Call) => Reply | Promise<Reply>): Promise<Answer> {
  const late = deferred<Answer>()
  const timer = core.deadlines.at(row.replyDueAt, () => late.resolve(core.profile.pending(row.endpointId)))
  try {
    const answer = await Promise.race([chosen(respond, await core.callFrom(row)), late.promise])
    await storeReply(core, row, answer)
    return answer
  } catch (error) {
    await storeReply(core, row, core.profile.accepted(row.endpointId))
    core.emit('failed', row.endpointId, `respond: ${errorName(error)}`)
    return core.profile.refusal({ kind: 'failed' })
  } finally {
    timer.cancel()
  }
}

async function chosen(responder: Responder, call: Call): Promise<Answer> {
  return answerOf(typeof responder === 'function' ? await responder(call) : responder)
}

function nextInjection(core: Core, endpointId: string): Injection | undefined {
  const queue = core.injections.get(endpointId)
  const first = queue?.[0]
  if (queue === undefined || first === undefined) return undefined
  first.left--
  if (first.left <= 0) queue.shift()
  if (queue.length === 0) core.injections.delete(endpointId)
  return first
}
