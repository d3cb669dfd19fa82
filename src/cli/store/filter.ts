import { type Command, InvalidArgumentError, Option } from 'commander'
import type { DeadReason, DeliveryFilter, DeliveryState } from '../../dispatcher/index.ts'
import { systemClock } from '../../util/index.ts'
import { readCount, readDuration } from '../listen/flags.ts'

/** Which deliveries. */
export interface FilterFlags {
  readonly state?: DeliveryState
  readonly origin?: string
  readonly callback?: string
  readonly operation?: string
  readonly reason?: DeadReason
  /** Milliseconds since the epoch. */
  readonly since?: number
  readonly until?: number
}

const states: readonly DeliveryState[] = ['pending', 'leased', 'delivered', 'dead', 'cancelled', 'held']
const reasons: readonly DeadReason[] = ['refused', 'gone', 'aborted', 'rejected', 'exhausted', 'ended', 'expired', 'declined']

export function withFilterOptions(command: Command, shownStates: readonly DeliveryState[] = states): Command {
  return command
    .addOption(new Option('--state <state>', 'only those in this state').choices([...shownStates]))
    .option('--origin <origin>', 'only those to this origin, such as https://hooks.example', readOrigin)
    .option('--callback <name>', 'only those of this callback')
    .option('--operation <name>', 'only those of the operation with this operationId, or at this pointer')
    .addOption(new Option('--reason <reason>', 'only dead ones, given up for this reason').choices([...reasons]))
    .option(
      '--since <time>',
      'only those enqueued since then: 2026-01-31, 2026-01-31T12:00:00Z, or 2h for two hours ago',
      readTime,
    )
    .option('--until <time>', 'only those enqueued before then', readTime)
}

export function filterOf({ since, until, ...same }: FilterFlags): Omit<DeliveryFilter, 'limit'> {
  const { state, origin, callback, operation, reason } = same
  return {
    ...(state === undefined ? {} : { state }),
    ...(origin === undefined ? {} : { origin }),
    ...(callback === undefined ? {} : { callback }),
    ...(operation === undefined ? {} : { operation }),
    ...(reason === undefined ? {} : { reason }),
    ...(since === undefined ? {} : { createdFrom: since }),
    ...(until === undefined ? {} : { createdBefore: until }),
  }
}

/** Not a URL whose path would be dropped: what is chosen here is purged, too. */
function readOrigin(text: string): string {
  if (/^https?:/i.test(text) && URL.canParse(text)) {
    const { origin, href } = new URL(text)
    if (href === `${origin}/`) return origin
  }
  throw new InvalidArgumentError('Expected an origin such as https://hooks.example, without a path.')
}

export function readDestination(text: string): string {
  if (URL.canParse(text) && /^https?:/i.test(text)) return text
  throw new InvalidArgumentError('Expected a URL such as https://hooks.example/callbacks.')
}

/** An instant, or how long ago. */
export function readTime(text: string): number {
  if (/^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.test(text)) {
    const instant = Date.parse(text)
    // Of a day that no month has, `Date` makes one of the next month.
    const isDay = new Date(`${text.slice(0, 10)}T00:00Z`).getUTCDate() === Number(text.slice(8, 10))
    if (isDay && !Number.isNaN(instant)) return instant
  }
  try {
    return systemClock.now() - readDuration(text)
  } catch {
    throw new InvalidArgumentError('Expected an instant such as 2026-01-31T12:00:00Z, or how long ago: 30m, 2h, 7d.')
  }
}

/** At most so many. */
export function withLimitOption(command: Command, limit: number): Command {
  return command.option('-n, --limit <number>', 'at most so many', readCount, limit)
}

const longestOverlapMs = 7 * 24 * 3_600_000

export function readOverlap(text: string): number {
  const overlap = readDuration(text)
  if (overlap <= longestOverlapMs) return overlap
  throw new InvalidArgumentError('Expected at most 7d.')
}
