import { type Random, randomId, textOf } from '../util/index.ts'
import type { Delivery } from './delivery.ts'
import { askReceiver, type IntentAnswer, type IntentCheck } from './intent-check.ts'

const defaultLeaseSeconds = 864_000

/**
 * WebSub, 5.3: the subscriber confirms that it has asked for a topic by echoing a challenge. `undefined`: there is no `metadata.websub`, so
 * that there is nothing to confirm. Where it is not as it must be, nothing is sent.
 */
export function webSubCheck(delivery: Delivery, random: Random): IntentCheck | undefined {
  if (delivery.metadata.websub === undefined) return undefined
  const settings = settingsOf(delivery.metadata.websub)
  if (settings === undefined) return { key: JSON.stringify(['websub', delivery.id]), ask: async () => unaskable }
  const { topic, leaseSeconds } = settings
  return {
    key: JSON.stringify(['websub', delivery.request.url, topic]),
    ask(tools) {
      const challenge = randomId(tools.clock.now(), random)
      const query = new URLSearchParams({
        'hub.mode': 'subscribe',
        'hub.topic': topic,
        'hub.challenge': challenge,
        'hub.lease_seconds': String(leaseSeconds),
      })
      const question = {
        check: 'websub',
        method: 'GET',
        query: String(query),
        headers: {},
        openStatuses: [],
        judge: ({ body }: { readonly body: Uint8Array }) =>
          textOf(body).trim() === challenge
            ? ({ kind: 'granted', forMs: leaseSeconds * 1000 } as const)
            : 'Expected the challenge as the whole body.',
      } as const
      return askReceiver(delivery, question, tools)
    },
  }
}

const problem = 'Expected metadata.websub to have a "topic" and, if any, "leaseSeconds" above 0.'
const outcome = { kind: 'unbuildable', problem } as const
const unaskable: IntentAnswer = {
  kind: 'unanswered',
  outcome,
  report: { outcome, phase: 'policy', sent: 'no', reusedConnection: false, timings: { total: 0 } },
}

function settingsOf(websub: unknown): { readonly topic: string; readonly leaseSeconds: number } | undefined {
  if (typeof websub !== 'object' || websub === null) return undefined
  const { topic, leaseSeconds = defaultLeaseSeconds } = websub as Readonly<Record<string, unknown>>
  const isTopic = typeof topic === 'string' && topic !== ''
  const isLease = typeof leaseSeconds === 'number' && Number.isSafeInteger(leaseSeconds) && leaseSeconds > 0
  return isTopic && isLease ? { topic, leaseSeconds } : undefined
}
