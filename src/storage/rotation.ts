import { isRingbackError } from '../errors/index.ts'
import type { Reseal, ResealPage } from './reseal.ts'
import type { Sealer } from './seal.ts'

export interface Rotation {
  /** Rows that were not yet wholly under the first key. */
  readonly scanned: number
  readonly rewritten: number
  /** Sealing keys that some rows need and the keyring does not have. */
  readonly missingKids: readonly string[]
  /** Records that do not open for another reason. */
  readonly broken: number
}

export interface RotateOptions {
  /** Rows in one transaction. Default: 200. */
  readonly batch?: number
  /** Ends it between two batches; the next run goes on with what is left. */
  readonly signal?: AbortSignal
}

const defaultBatch = 200

/** Page by page, each in a transaction of its own, so that others can come in between. An abort between pages leaves nothing half done. */
export async function rotate(
  sealer: Sealer,
  page: (after: string | null, limit: number, seal: Reseal) => Promise<ResealPage>,
  { batch = defaultBatch, signal }: RotateOptions = {},
): Promise<Rotation> {
  if (!Number.isSafeInteger(batch) || batch < 1)
    throw new TypeError(`Expected batch to be a whole number from 1 on but found ${batch}`)
  const missing = new Set<string>()
  let broken = 0
  const seal: Reseal = (sealed, place) => {
    try {
      return sealer.reseal(sealed, place) ?? 'current'
    } catch (error) {
      const kid = isRingbackError(error, 'ERR_KEY_MISSING') ? sealer.kidOf(sealed) : null
      if (kid === null) broken++
      else missing.add(kid)
      return 'unreadable'
    }
  }

  let [scanned, rewritten] = [0, 0]
  for (let after: string | null = null; ; ) {
    signal?.throwIfAborted()
    const done: ResealPage = await page(after, batch, seal)
    scanned += done.scanned
    rewritten += done.rewritten
    if (done.last === null) return { scanned, rewritten, missingKids: [...missing].sort(), broken }
    after = done.last
  }
}
