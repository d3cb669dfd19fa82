import { endOf } from './checks.ts'
import type { Core } from './core.ts'
import { placeOf } from './sealing.ts'
import { metadataOf } from './settings.ts'
import type { CallbackStatus } from './status.ts'
import type { EndpointSnapshot } from './store.ts'

export function statusOf(core: Core, { row, counts }: EndpointSnapshot): CallbackStatus {
  return {
    id: row.id,
    state: endOf(row, core.clock.now())?.state ?? 'open',
    ...(row.reason === null ? {} : { reason: row.reason }),
    methods: row.methods,
    ...counts,
    createdAt: new Date(row.createdAt),
    expiresAt: row.expiresAt === null ? null : new Date(row.expiresAt),
    metadata: metadataOf(core.sealer.open(row.sealed, placeOf.endpoint(row.id))),
  }
}
