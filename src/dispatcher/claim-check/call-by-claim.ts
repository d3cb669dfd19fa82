import { type CallbackRequest, fieldValue, withQuery } from '../../http/index.ts'
import { type Clock, type Random, randomUuid } from '../../util/index.ts'
import { isConfidential } from '../credentials.ts'
import type { Delivery } from '../delivery.ts'
import type { ClaimCheckStore } from './claim-check-store.ts'
import { claimHash } from './claim-hash.ts'

export interface ClaimCheckOptions {
  /** The query parameter that carries the id. Default: `id`. */
  readonly param?: string
  /** Whether the payload is gone when it has been fetched. Default: true. */
  readonly once?: boolean
  /** Milliseconds after a call for which its id is good. Default: 24 hours. */
  readonly expiresMs?: number
}

/** The call that says that there is something to fetch. */
export type ClaimCall =
  | { readonly kind: 'call'; readonly request: CallbackRequest; readonly secret: string }
  /** No such call may be made. */
  | { readonly kind: 'unbuildable'; readonly problem: string }

export interface ClaimCaller {
  /** Puts the payload where it can be fetched, under an id of this call alone. Rejects when the store fails. */
  callFor(delivery: Delivery): Promise<ClaimCall>
}

export const claimCheckDefaults: Required<ClaimCheckOptions> = { param: 'id', once: true, expiresMs: 86_400_000 }

const noBytes = new Uint8Array(0)

/** `claimChecks`: absent in a store that keeps none. */
export function createClaimCaller(
  claimChecks: ClaimCheckStore | undefined,
  options: ClaimCheckOptions,
  clock: Clock,
  random: Random,
): ClaimCaller {
  const { param, once, expiresMs } = { ...claimCheckDefaults, ...options }
  return {
    async callFor(delivery) {
      const { id, request } = delivery
      if (claimChecks === undefined) return { kind: 'unbuildable', problem: 'Expected a store that keeps claim checks.' }
      if (!isConfidential(request.url)) {
        return {
          kind: 'unbuildable',
          problem: 'Expected a URL that starts with "https://": the id of a claim goes nowhere else.',
        }
      }
      const secret = randomUuid(random)
      const contentType = fieldValue(request.headers, 'content-type')
      await claimChecks.put({
        hash: claimHash(secret),
        deliveryId: id,
        once,
        expiresAt: clock.now() + expiresMs,
        renew: delivery.attempts === delivery.attemptsBefore,
        body: request.body ?? noBytes,
        ...(contentType === undefined ? {} : { contentType }),
      })
      const { body: _, url, ...others } = request
      const query = `${encodeURIComponent(param)}=${secret}`
      return {
        kind: 'call',
        request: { ...others, method: 'GET', url: withQuery(url, query), headers: {} },
        secret,
      }
    },
  }
}

/** Whether a delivery is one of those, as its metadata say, so that it holds after a restart. */
export function isClaimCheck({ deliver }: Readonly<Record<string, unknown>>): boolean {
  return deliver === 'claim-check'
}
