import { isRingbackError } from '../errors/index.ts'
import { endOf } from './checks.ts'
import type { Core } from './core.ts'
import { placeOf } from './places.ts'
import { glanceAt } from './settings.ts'
import type { CallbackStatus } from './status.ts'
import type { EndpointRow, EndpointSnapshot } from './store.ts'

export function statusOf(core: Core, { row, counts }: EndpointSnapshot): CallbackStatus {
  return {
    id: row.id,
    state: endOf(row, core.clock.now())?.state ?? 'open',
    ...(row.reason === null ? {} : { reason: row.reason }),
    methods: row.methods,
    ...counts,
    createdAt: new Date(row.createdAt),
    expiresAt: row.expiresAt === null ? null : new Date(row.expiresAt),
    ...sealedPart(core, row),
  }
}

/** One row that cannot be opened must not stop a list. */
function sealedPart(core: Core, row: EndpointRow): Pick<CallbackStatus, 'metadata' | 'unreadable'> {
  try {
    return { metadata: glanceAt(core.sealer.open(row.sealed, placeOf.endpoint(row.id))).metadata }
  } catch (error) {
    if (!isRingbackError(error)) throw error
    return { metadata: {}, unreadable: error.message }
  }
}
