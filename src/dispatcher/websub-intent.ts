import { type Random, randomId, textOf } from '../util/index.ts'
import type { Delivery } from './delivery.ts'
import { askReceiver, type IntentCheck } from './intent-check.ts'

const defaultLeaseSeconds = 864_000

/**
 * WebSub, 5.3: the subscriber confirms that it has asked for a topic by echoing a challenge. `undefined`: `metadata.websub` names no topic,
 * so that there is nothing to confirm.
 */
export function webSubCheck(delivery: Delivery, random: Random): IntentCheck | undefined {
  const { topic, leaseSeconds } = settingsOf(delivery)
  if (topic === undefined) return undefined
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

function settingsOf({ metadata: { websub } }: Delivery): { readonly topic?: string; readonly leaseSeconds: number } {
  const { topic, leaseSeconds } = (typeof websub === 'object' && websub !== null ? websub : {}) as Readonly<
    Record<string, unknown>
  >
  const isLease = typeof leaseSeconds === 'number' && Number.isSafeInteger(leaseSeconds) && leaseSeconds > 0
  return { ...(typeof topic === 'string' ? { topic } : {}), leaseSeconds: isLease ? leaseSeconds : defaultLeaseSeconds }
}
