import { createHash } from 'node:crypto'
import type { ExpiringKey } from '../signature/index.ts'
import { memo } from '../util/index.ts'
import type { Unreadable } from './delivery.ts'

/** Whom we deliver to: all deliveries whose URLs have the same origin and path. Instants are milliseconds since the epoch. */
export interface Destination {
  /** Origin and path of the URL: `https://a.example/callbacks`. Of more than 700 characters the last 65 are `~` and a hash of the whole. */
  readonly id: string
  /** One more with every change: whoever writes an old one writes nothing. */
  readonly version: number
  readonly createdAt: number
  readonly changedAt: number
  /** The newest first, which has no end. Every attempt is signed with all that have not expired. */
  readonly secrets: readonly DestinationSecret[]
  /** Absent when it is enabled. */
  readonly disabled?: { readonly at: number; readonly reason: DisableReason }
  /** Absent when the last attempt has succeeded. */
  readonly failing?: Failing
  /** Its secrets cannot be opened; `secrets` is empty then. Deliveries to it wait, for they would go out unsigned. */
  readonly unreadable?: Unreadable
}

/** `operator`: somebody has said so. `gone`: the receiver wants no more. `failing`: nothing but failures for too long. */
export type DisableReason = 'operator' | 'gone' | 'failing'

export type DestinationSecret = Pick<ExpiringKey, 'key'> & Partial<ExpiringKey>

/** Nothing but failures since then. `attempts`: beyond ten, not every one is counted. `warned`: the last share of the time until it is disabled, in percent, that was told. */
export interface Failing {
  readonly since: number
  readonly attempts: number
  readonly warned: number
}

/** Where destinations are kept. Every sentence here is a case of the destination contract suite. */
export interface DestinationStore {
  /** `false`: there is one with this id, and it stays as it is. */
  insert(destination: Destination): Promise<boolean>
  get(id: string): Promise<Destination | undefined>
  /** In the order of their ids, those behind `after`. */
  list(filter: { readonly limit: number; readonly after?: string }): Promise<readonly Destination[]>
  /**
   * Replaces the one whose version is one less. `false`: there is none, and nothing was written. One that is given as unreadable keeps the
   * secrets that are stored.
   */
  update(destination: Destination): Promise<boolean>
  /** Forgets enabled ones without secrets that were last changed before, at most `limit`. Answers how many. */
  purge(purge: { readonly changedBefore: number; readonly limit: number }): Promise<number>
}

/**
 * Text that is no URL gets a turn like any other origin, and is refused then; so does an origin that is longer than a name can be, which an
 * index of PostgreSQL would not take.
 */
export const originOf: (url: string) => string = memo((url: string): string => {
  try {
    const { origin } = new URL(url)
    return origin.length > longestOrigin ? 'null' : origin
  } catch {
    return 'null'
  }
}, 1000)

const longestOrigin = 300

/** Text that is no URL is a destination of its own. Of an id the same id. */
export const destinationIdOf: (url: string) => string = memo((url: string): string => {
  try {
    const { origin, pathname } = new URL(url)
    return shortened(origin + pathname)
  } catch {
    // Whatever is given as an id.
    return shortened(String(url))
  }
}, 1000)

// With the hash less than an index of PostgreSQL takes.
const longestId = 700

function shortened(id: string): string {
  if (id.length <= longestId) return id
  const hash = createHash('sha256').update(id).digest('hex')
  return `${id.slice(0, longestId - hash.length - 1)}~${hash}`
}
