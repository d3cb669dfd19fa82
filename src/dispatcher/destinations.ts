import { type Clock, checkNames, type OptionRules, type Random } from '../util/index.ts'
import type { Delivery } from './delivery.ts'
import { checkLimit } from './delivery-filter.ts'
import { type Destination, type DestinationStore, type DisableReason, destinationIdOf } from './destination.ts'
import { createHealth, type NoteAttempt } from './destination-health.ts'
import { createRegister } from './destination-register.ts'
import { newSecret, stillUsed } from './destination-secrets.ts'
import type { EventHub } from './events.ts'
import type { DeliveryStore } from './store.ts'

/** A destination as it is shown: without its secrets. */
export interface DestinationInfo extends Omit<Destination, 'secrets' | 'version'> {
  readonly enabled: boolean
  /** When each of its secrets expires, the newest first; `undefined`: never. */
  readonly secretExpiries: readonly (number | undefined)[]
}

export interface NewDestination {
  /** Its origin and path are what counts. */
  readonly url: string
  /** `whsec_…` or `whsk_…`. Default: 32 random bytes. */
  readonly secret?: string
}

export interface RotateOptions {
  readonly secret?: string
  /** Milliseconds for which attempts are signed with the old secrets too, 0 to 7 days. Default: 24 hours. */
  readonly overlapMs?: number
}

/** What operators do with destinations. `undefined` and `false`: there is none with this id (a URL will do). */
export interface Destinations {
  /** The secret is shown here and never again. Rejects with a `TypeError` when there is a secret already. */
  create(destination: NewDestination): Promise<{ readonly destination: DestinationInfo; readonly secret: string }>
  get(id: string): Promise<DestinationInfo | undefined>
  /** In the order of their ids, those behind `after`. Default limit: 100. */
  list(filter?: { readonly limit?: number; readonly after?: string }): Promise<readonly DestinationInfo[]>
  rotateSecret(id: string, options?: RotateOptions): Promise<{ readonly secret: string } | undefined>
  /** Its deliveries are held, those to come too. Makes it known when it was not. Rejects with a `TypeError` what nothing is sent to. */
  disable(id: string): Promise<void>
  /** Deliveries to come go out again. Those that are held stay held: release them, or cancel them. */
  enable(id: string): Promise<boolean>
  /**
   * Sends what is held, at once: also what would have waited for a retry, but what was enqueued with a delay in its time. Answers how many; 0
   * while it is disabled.
   */
  release(id: string): Promise<number>
}

export interface DestinationKeeper extends Destinations {
  /** Whom a delivery goes to, as known a second ago at most. */
  of(delivery: Delivery): Destination | undefined | Promise<Destination | undefined>
  readonly note: NoteAttempt
  purge(changedBefore: number, limit: number): Promise<number>
}

export interface KeeperOptions {
  /** Absent: there are no destinations, and the methods for operators reject. */
  readonly store: DestinationStore | undefined
  readonly deliveries: DeliveryStore
  readonly clock: Clock
  readonly random: Random
  readonly events: EventHub
  /** Some deliveries are due now. */
  readonly wake: () => void
}

const hourMs = 3_600_000
const longestOverlapMs = 7 * 24 * hourMs
const defaultOverlapMs = 24 * hourMs
const rotateRules: OptionRules<RotateOptions> = { secret: true, overlapMs: 0 }

export function createDestinations({ store, deliveries, clock, random, events, wake }: KeeperOptions): DestinationKeeper {
  const register = createRegister(store, deliveries, clock)

  const disable = async (id: string, reason: DisableReason): Promise<void> => {
    let isNew = false
    await register.alter(
      id,
      (before) => {
        isNew = before.disabled === undefined
        return isNew ? { ...before, disabled: { at: clock.now(), reason } } : undefined
      },
      true,
    )
    if (isNew) events.emit('destination:disabled', () => ({ id, reason }))
    await register.changeDeliveries(id, 'pending', 'hold')
  }

  const note = createHealth({ register, disable, clock, events })

  return {
    of: (delivery) => (store === undefined ? undefined : register.find(destinationIdOf(delivery.request.url))),
    note: (delivery, attempt, isGone) => (store === undefined ? undefined : note(delivery, attempt, isGone)),
    purge: async (changedBefore, limit) => (await store?.purge({ changedBefore, limit })) ?? 0,
    async create({ url, secret: given }) {
      checkUrl(url)
      const secret = newSecret(given, random)
      const destination = await register.alter(
        destinationIdOf(url),
        (before) => {
          if (before.secrets.length > 0 || before.unreadable !== undefined)
            throw new TypeError(`Expected a destination without a secret; rotate that of ${before.id}.`)
          return { ...before, secrets: [{ key: secret }] }
        },
        true,
      )
      if (destination === undefined) throw new TypeError(`Expected a destination that can be created: ${url}`)
      return { destination: infoOf(destination), secret }
    },
    async get(id) {
      const destination = await register.open().get(destinationIdOf(id))
      return destination === undefined ? undefined : infoOf(destination)
    },
    async list(filter = {}) {
      checkNames(filter, { limit: 0, after: 'string' }, 'the filter of list()')
      const { limit = 100 } = filter
      checkLimit(limit)
      return (await register.open().list({ ...filter, limit })).map(infoOf)
    },
    async rotateSecret(id, options = {}) {
      checkNames(options, rotateRules, 'the options of rotateSecret()')
      const { secret: given, overlapMs = defaultOverlapMs } = options
      if (!(overlapMs >= 0 && overlapMs <= longestOverlapMs)) {
        throw new TypeError(`Expected "overlapMs" from 0 to ${longestOverlapMs}, found ${overlapMs}.`)
      }
      const secret = newSecret(given, random)
      const destination = await register.alter(destinationIdOf(id), ({ unreadable, ...before }) => {
        if (unreadable !== undefined && overlapMs > 0) {
          const { message } = unreadable
          throw new TypeError(`Expected old secrets that can be opened, or an overlap of 0, which gives them up. ${message}`)
        }
        const now = clock.now()
        return { ...before, secrets: [{ key: secret }, ...stillUsed(before.secrets, now, now + overlapMs)] }
      })
      return destination === undefined ? undefined : { secret }
    },
    async disable(id) {
      checkUrl(id)
      await disable(destinationIdOf(id), 'operator')
    },
    async enable(id) {
      const enabled = await register.alter(destinationIdOf(id), ({ disabled: _, failing: __, ...kept }) => kept)
      if (enabled !== undefined) events.emit('destination:enabled', () => ({ id: enabled.id }))
      return enabled !== undefined
    },
    async release(id) {
      const destination = await register.read(destinationIdOf(id))
      if (destination?.disabled !== undefined) return 0
      const released = await register.changeDeliveries(destinationIdOf(id), 'held', 'resume')
      wake()
      return released
    },
  }
}

function checkUrl(url: unknown): void {
  if (typeof url !== 'string' || !/^https?:/i.test(url) || !URL.canParse(url))
    throw new TypeError(`Expected a URL such as "https://hooks.example/callbacks", found ${JSON.stringify(url)}.`)
}

function infoOf({ secrets, version: _, ...shown }: Destination): DestinationInfo {
  return { ...shown, enabled: shown.disabled === undefined, secretExpiries: secrets.map(({ expiresAt }) => expiresAt) }
}
