import type { Clock, Random } from '../util/index.ts'
import { cloudEventsCheck } from './cloudevents-intent.ts'
import type { Attempt, Delivery } from './delivery.ts'
import type { IntentAnswer, IntentCheck, IntentOptions } from './intent-check.ts'
import type { Profile } from './profile.ts'
import type { SendTools } from './send-signed.ts'
import { webSubCheck } from './websub-intent.ts'

export interface Grant {
  /** Attempts for which the receiver has room in a minute. */
  readonly perMinute?: number
}

export type Intent =
  | { readonly kind: 'granted'; readonly grant: Grant }
  /** In the place of an attempt at the delivery. */
  | { readonly kind: 'not-granted'; readonly attempt: Attempt }

/** Asks receivers whether they want what is about to be sent to them, and remembers what they have said. */
export interface Intents {
  /** What is known; `undefined`: it has to be asked. */
  known(delivery: Delivery, profile: Profile): Intent | undefined
  /** Deliveries to one URL ask together. Never rejects. */
  ask(delivery: Delivery, profile: Profile, tools: SendTools): Promise<Intent>
}

const defaultGrantedMs = 24 * 3_600_000
// An operator who has mended it does not wait long, and whoever has not agreed is not asked by every delivery.
const declinedMs = 60_000
const shortestGrantMs = 60_000
const mostRemembered = 10_000

const unasked: Intent = { kind: 'granted', grant: {} }

export function createIntents(
  { origin, ratePerMinute, grantedMs = defaultGrantedMs }: IntentOptions,
  clock: Clock,
  random: Random,
): Intents {
  const answers = new Map<string, { readonly answer: IntentAnswer; readonly until: number }>()
  const asking = new Map<string, Promise<IntentAnswer>>()

  const checkOf = (delivery: Delivery, profile: Profile): IntentCheck | undefined => {
    if (profile === 'websub') return webSubCheck(delivery, random)
    return profile === 'cloudevents' && origin !== undefined ? cloudEventsCheck(delivery, origin, ratePerMinute) : undefined
  }

  const remember = (key: string, answer: IntentAnswer): void => {
    if (answer.kind === 'unanswered') return
    const forMs = answer.kind === 'granted' ? Math.max(shortestGrantMs, answer.forMs ?? grantedMs) : declinedMs
    if (answers.size >= mostRemembered) answers.clear()
    answers.set(key, { answer, until: clock.now() + forMs })
  }

  const askOnce = ({ key, ask }: IntentCheck, tools: SendTools): Promise<IntentAnswer> => {
    const known = asking.get(key)
    if (known !== undefined) return known
    const answer = ask(tools).then((said) => {
      asking.delete(key)
      remember(key, said)
      return said
    })
    asking.set(key, answer)
    return answer
  }

  const intentOf = (delivery: Delivery, startedAt: number, answer: IntentAnswer): Intent => {
    if (answer.kind === 'granted') {
      return { kind: 'granted', grant: answer.perMinute === undefined ? {} : { perMinute: answer.perMinute } }
    }
    const { phase, remoteAddress, reusedConnection, timings } = answer.report
    const attempt: Attempt = {
      n: delivery.attempts + 1,
      startedAt,
      phase,
      // Of the delivery itself not a byte was.
      sent: 'no',
      outcome: answer.outcome,
      ...(remoteAddress === undefined ? {} : { remoteAddress }),
      reusedConnection,
      timings,
    }
    return { kind: 'not-granted', attempt }
  }

  return {
    known(delivery, profile) {
      const check = checkOf(delivery, profile)
      if (check === undefined) return unasked
      const entry = answers.get(check.key)
      return entry !== undefined && entry.until > clock.now() ? intentOf(delivery, clock.now(), entry.answer) : undefined
    },
    async ask(delivery, profile, tools) {
      const startedAt = clock.now()
      const check = checkOf(delivery, profile)
      return check === undefined ? unasked : intentOf(delivery, startedAt, await askOnce(check, tools))
    },
  }
}
