import { type Answer, decodeAnswer, encodeAnswer } from './answer.ts'
import type { Core } from './core.ts'
import { placeOf } from './places.ts'

/** The call that an answer belongs to. */
interface OfCall {
  readonly endpointId: string
  readonly callId: string
}

/** An answer as it is stored, for whoever sends the call again. */
export function sealedReply({ sealer }: Pick<Core, 'sealer'>, { endpointId, callId }: OfCall, answer: Answer): Uint8Array {
  return sealer.seal(encodeAnswer(answer), placeOf.reply(endpointId, callId)).sealed
}

export function openedReply({ sealer }: Pick<Core, 'sealer'>, { endpointId, callId }: OfCall, reply: Uint8Array): Answer {
  return decodeAnswer(sealer.open(reply, placeOf.reply(endpointId, callId)))
}

/** Once it is known what to answer. The call and its answer were sealed by the same receiver. */
export async function storeReply(core: Core, call: OfCall & { readonly seq: number }, answer: Answer): Promise<void> {
  const { sealed, kid } = core.sealer.seal(encodeAnswer(answer), placeOf.reply(call.endpointId, call.callId))
  await core.store.setReply(call.endpointId, call.seq, sealed, kid)
}
