import { type Signer, standardWebhooks } from '../signature/index.ts'
import type { Clock, Random } from '../util/index.ts'
import type { Attempt, Delivery, Outcome } from './delivery.ts'
import {
  type Destination,
  type DestinationSecret,
  type DestinationStore,
  type DisableReason,
  destinationIdOf,
  type Failing,
} from './destination.ts'
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
  /** Its deliveries are held, those to come too. Makes it known when it was not. */
  disable(id: string): Promise<void>
  /** Deliveries to come go out again. Those that are held stay held: release them, or cancel them. */
  enable(id: string): Promise<boolean>
  /** Sends what is held. Answers how many; 0 while it is disabled. */
  release(id: string): Promise<number>
}

export interface DestinationKeeper extends Destinations {
  /** Whom a delivery goes to, as known a second ago at most. */
  of(delivery: Delivery): Destination | undefined | Promise<Destination | undefined>
  /** Draws conclusions from an attempt that counts. `undefined`: nothing was to be done. Never rejects. */
  note(delivery: Delivery, attempt: Attempt, isGone: boolean): Promise<void> | undefined
  /** Holds a delivery that is pending again. */
  hold(id: string): Promise<unknown>
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
const disableAfterMs = 120 * hourMs
const fewestAttempts = 10
const warnAt = [90, 70, 50]
const mostOldSecrets = 10
const longestOverlapMs = 7 * 24 * hourMs
const defaultOverlapMs = 24 * hourMs
const secretBytes = 32
const rememberedMs = 1000
const mostRemembered = 10_000
const pageSize = 500
const mostTries = 20
const longestSilenceMs = 60_000

export function createDestinations({ store, deliveries, clock, random, events, wake }: KeeperOptions): DestinationKeeper {
  const known = new Map<string, { readonly destination: Destination | undefined; readonly until: number }>()

  const turns = new Map<string, Promise<void>>()

  const remember = (id: string, destination: Destination | undefined): void => {
    if (known.size >= mostRemembered) known.clear()
    known.set(id, { destination, until: clock.now() + rememberedMs })
  }

  const read = async (id: string): Promise<Destination | undefined> => {
    const destination = await store?.get(id)
    remember(id, destination)
    return destination
  }

  const open = (): DestinationStore => {
    if (store === undefined) throw new TypeError('Expected a store that keeps destinations.')
    return store
  }

  /** Reads, changes and writes until nobody has come between. `undefined` from `change`: leave it as it is. */
  const alter = async (
    id: string,
    change: (before: Destination) => Destination | undefined,
    create = false,
  ): Promise<Destination | undefined> => {
    for (let tries = 0; tries < mostTries; tries++) {
      const before = await open().get(id)
      if (before === undefined && !create) return undefined
      const now = clock.now()
      const from = before ?? { id, version: 0, createdAt: now, changedAt: now, secrets: [] }
      const changed = change(from)
      if (changed === undefined) return from
      const after = { ...changed, version: from.version + 1, changedAt: now }
      if (before === undefined ? await open().insert(after) : await open().update(after)) {
        remember(id, after)
        return after
      }
    }
    throw new Error(`Expected to change the destination within ${mostTries} tries, but others kept changing it: ${id}`)
  }

  const disable = async (id: string, reason: DisableReason): Promise<void> => {
    let isNew = false
    await alter(
      id,
      (before) => {
        isNew = before.disabled === undefined
        return isNew ? { ...before, disabled: { at: clock.now(), reason } } : undefined
      },
      true,
    )
    if (isNew) events.emit('destination:disabled', () => ({ id, reason }))
    await changeAll(id, 'pending', 'hold')
  }

  /** All deliveries to a destination that are in this state, page by page. */
  const changeAll = async (id: string, state: 'pending' | 'held', how: 'hold' | 'resume'): Promise<number> => {
    const origin = URL.canParse(id) ? { origin: new URL(id).origin } : {}
    let changed = 0
    let after: string | undefined
    for (;;) {
      const page = await deliveries.list({ state, ...origin, limit: pageSize, ...(after === undefined ? {} : { after }) })
      const ids = page.filter(({ request }) => destinationIdOf(request.url) === id).map((delivery) => delivery.id)
      if (ids.length > 0) changed += (await deliveries.change(ids, how, clock.now())).length
      after = page.at(-1)?.id
      if (page.length < pageSize || after === undefined) return changed
    }
  }

  const countFailure = async (id: string, attempt: Attempt): Promise<void> => {
    let warned: number | undefined
    let isOver = false
    await alter(
      id,
      (before) => {
        if (before.disabled !== undefined) return undefined
        const since = before.failing?.since ?? attempt.startedAt
        const attempts = (before.failing?.attempts ?? 0) + 1
        const share = shareOf(since, clock.now())
        isOver = share >= 100 && attempts >= fewestAttempts
        warned = warnAt.find((step) => share >= step && step > (before.failing?.warned ?? 0))
        const failing: Failing = { since, attempts, warned: warned ?? before.failing?.warned ?? 0 }
        return { ...before, failing }
      },
      true,
    )
    if (isOver) await disable(id, 'failing')
    else if (warned !== undefined) events.emit('destination:warning', () => ({ id, percent: warned ?? 0 }))
  }

  const note: DestinationKeeper['note'] = (delivery, attempt, isGone) => {
    const verdict = store === undefined ? undefined : isFailure(attempt.outcome)
    if (verdict === undefined) return undefined
    const id = destinationIdOf(delivery.request.url)
    const isNews = (): boolean => {
      const destination = known.get(id)?.destination
      return verdict ? isGone || !saysNothingNew(destination, clock.now()) : destination?.failing !== undefined
    }
    if (!isNews()) return undefined
    return inTurn(id, async () => {
      // The one before may have said it all.
      if (!isNews()) return
      if (isGone) await disable(id, 'gone')
      else if (verdict) await countFailure(id, attempt)
      else await alter(id, withoutFailing)
    })
  }

  /** Attempts to one destination end together, and would all try to be the first to write. */
  const inTurn = (id: string, work: () => Promise<void>): Promise<void> => {
    const mine = (turns.get(id) ?? Promise.resolve())
      .then(work)
      .catch((error: unknown) => events.emit('store:error', () => ({ operation: 'destination', error })))
      .then(() => {
        if (turns.get(id) === mine) turns.delete(id)
      })
    turns.set(id, mine)
    return mine
  }

  const newSecret = (given: string | undefined): string => {
    const secret = given ?? `whsec_${Buffer.from(random(secretBytes)).toString('base64')}`
    if (secret.startsWith('whpk_')) throw new TypeError('Expected a secret that can sign: "whsec_…" or "whsk_…".')
    standardWebhooks({ keys: [secret] })
    return secret
  }

  return {
    of(delivery) {
      if (store === undefined) return undefined
      const id = destinationIdOf(delivery.request.url)
      const entry = known.get(id)
      return entry !== undefined && entry.until > clock.now() ? entry.destination : read(id)
    },
    note,
    hold: (id) => deliveries.change([id], 'hold', clock.now()),
    purge: async (changedBefore, limit) => (await store?.purge({ changedBefore, limit })) ?? 0,
    async create({ url, secret: given }) {
      if (!URL.canParse(url)) throw new TypeError(`Expected an absolute URL, found ${JSON.stringify(url)}.`)
      const secret = newSecret(given)
      const destination = await alter(
        destinationIdOf(url),
        (before) => {
          if (before.secrets.length > 0)
            throw new TypeError(`Expected a destination without a secret; rotate that of ${before.id}.`)
          return { ...before, secrets: [{ key: secret }] }
        },
        true,
      )
      if (destination === undefined) throw new TypeError(`Expected a destination that can be created: ${url}`)
      return { destination: infoOf(destination), secret }
    },
    async get(id) {
      const destination = await open().get(destinationIdOf(id))
      return destination === undefined ? undefined : infoOf(destination)
    },
    list: async (filter = {}) => (await open().list({ limit: 100, ...filter })).map(infoOf),
    async rotateSecret(id, { secret: given, overlapMs = defaultOverlapMs } = {}) {
      if (!(overlapMs >= 0 && overlapMs <= longestOverlapMs)) {
        throw new TypeError(`Expected "overlapMs" from 0 to ${longestOverlapMs}, found ${overlapMs}.`)
      }
      const secret = newSecret(given)
      const destination = await alter(destinationIdOf(id), (before) => ({
        ...before,
        secrets: [{ key: secret }, ...stillUsed(before.secrets, clock.now(), clock.now() + overlapMs)],
      }))
      return destination === undefined ? undefined : { secret }
    },
    disable: (id) => disable(destinationIdOf(id), 'operator'),
    async enable(id) {
      const enabled = await alter(destinationIdOf(id), ({ disabled: _, failing: __, ...kept }) => kept)
      if (enabled !== undefined) events.emit('destination:enabled', () => ({ id: enabled.id }))
      return enabled !== undefined
    },
    async release(id) {
      const destination = await read(destinationIdOf(id))
      if (destination?.disabled !== undefined) return 0
      const released = await changeAll(destinationIdOf(id), 'held', 'resume')
      wake()
      return released
    },
  }
}

/** Signs with the secrets of the destination, where it has any. */
export function signerOf(destination: Destination | undefined): Signer | undefined {
  if (destination === undefined || destination.secrets.length === 0) return undefined
  const made = signers.get(destination)
  if (made !== undefined) return made
  const keys = destination.secrets.map(({ key, expiresAt }) => (expiresAt === undefined ? key : { key, expiresAt }))
  const signer = standardWebhooks({ keys })
  signers.set(destination, signer)
  return signer
}

const signers = new WeakMap<Destination, Signer>()

function stillUsed(secrets: readonly DestinationSecret[], now: number, end: number): readonly DestinationSecret[] {
  return secrets
    .map(({ key, expiresAt = Number.POSITIVE_INFINITY }) => ({ key, expiresAt: Math.min(expiresAt, end) }))
    .filter(({ expiresAt }) => expiresAt > now)
    .slice(0, mostOldSecrets)
}

/** A write for every failure would cost a commit each, when a destination that is down has much to get. */
function saysNothingNew(destination: Destination | undefined, now: number): boolean {
  const failing = destination?.failing
  if (destination === undefined || failing === undefined || failing.attempts < fewestAttempts) return false
  if (now - destination.changedAt >= longestSilenceMs) return false
  return !(shareOf(failing.since, now) >= nextStep(failing.warned))
}

/** Of the time until it is disabled, in percent. */
function shareOf(since: number, now: number): number {
  return (100 * (now - since)) / disableAfterMs
}

function nextStep(warned: number): number {
  return Math.min(100, ...warnAt.filter((step) => step > warned))
}

function withoutFailing({ failing: _, ...kept }: Destination): Destination {
  return kept
}

/** `undefined`: it was not asked, or nobody knows. */
function isFailure(outcome: Outcome): boolean | undefined {
  if (outcome.kind === 'response') return outcome.status < 200 || outcome.status > 299
  return outcome.kind === 'failed' && outcome.cause !== 'local' && outcome.cause !== 'aborted' ? true : undefined
}

function infoOf({ secrets, version: _, ...shown }: Destination): DestinationInfo {
  return { ...shown, enabled: shown.disabled === undefined, secretExpiries: secrets.map(({ expiresAt }) => expiresAt) }
}
