import { fieldValue } from '../http/index.ts'
import type { OutboundResponse } from '../outbound/index.ts'
import type { Delivery } from './delivery.ts'
import { askReceiver, type IntentAnswer, type IntentCheck } from './intent-check.ts'

/** HTTP 1.1 Web Hooks for Event Delivery, 4: the receiver consents to a sender, and says how much it can take. */
export function cloudEventsCheck(delivery: Delivery, origin: string, ratePerMinute: number | undefined): IntentCheck {
  return {
    key: JSON.stringify(['cloudevents', delivery.request.url]),
    ask(tools) {
      const headers = {
        'webhook-request-origin': origin,
        ...(ratePerMinute === undefined ? {} : { 'webhook-request-rate': String(ratePerMinute) }),
      }
      const judge = (reply: OutboundResponse): ReturnType<typeof consentOf> => consentOf(reply, origin)
      // Where nothing stands yet, something may be deployed soon: as with deliveries.
      const question = { check: 'cloudevents', method: 'OPTIONS', query: '', headers, openStatuses: [404], judge } as const
      return askReceiver(delivery, question, tools)
    },
  }
}

function consentOf({ headers }: OutboundResponse, origin: string): Extract<IntentAnswer, { kind: 'granted' }> | string {
  const allowed = fieldValue(headers, 'webhook-allowed-origin')?.trim().toLowerCase()
  if (allowed !== '*' && allowed !== origin.toLowerCase())
    return `Expected WebHook-Allowed-Origin to be "*" or ${JSON.stringify(origin)}.`
  const rate = fieldValue(headers, 'webhook-allowed-rate')?.trim() ?? '*'
  if (rate === '*') return { kind: 'granted' }
  if (!/^[1-9]\d{0,8}$/.test(rate)) return 'Expected WebHook-Allowed-Rate to be "*" or a number from 1.'
  return { kind: 'granted', perMinute: Number(rate) }
}
