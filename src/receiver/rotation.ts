import { isRingbackError } from '../errors/index.ts'
import type { Core } from './core.ts'
import type { Reseal } from './store.ts'

export interface Rotation {
  /** Rows that were not yet wholly under the first key. */
  readonly scanned: number
  readonly rewritten: number
  /** Keys that some rows need and the ring does not have. */
  readonly missingKids: readonly string[]
  /** Records that do not open for another reason. */
  readonly broken: number
}

const defaultBatch = 200

/** Page by page, each in a transaction of its own, so that calls can come in between. An abort between pages leaves nothing half done. */
export async function rotateKeys(
  core: Core,
  { batch = defaultBatch, signal }: { readonly batch?: number; readonly signal?: AbortSignal } = {},
): Promise<Rotation> {
  const { store, sealer, firstKid } = core
  if (!Number.isSafeInteger(batch) || batch < 1)
    throw new TypeError(`Expected batch to be a whole number from 1 on but found ${batch}`)
  if (firstKid === null) throw new TypeError('Expected a receiver with a keyring: there is no key to seal the records with')
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
    const page = await store.reseal(firstKid, after, batch, seal)
    scanned += page.scanned
    rewritten += page.rewritten
    if (page.last === null) return { scanned, rewritten, missingKids: [...missing].sort(), broken }
    after = page.last
  }
}
