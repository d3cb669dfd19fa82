import { broken } from './broken.ts'
import { claims } from './claims.ts'
import type { Example } from './example.ts'
import { job } from './job.ts'
import { missing } from './missing.ts'
import { ownServer } from './own-server.ts'
import { subscription } from './subscription.ts'

export type { Example } from './example.ts'

/** The first one is shown to those who come without a link. */
export const examples: readonly [Example, ...Example[]] = [subscription, job, ownServer, broken, claims, missing]
