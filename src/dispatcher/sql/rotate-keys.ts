import {
  firstOf,
  type Keyring,
  type Reseal,
  type ResealPage,
  type RotateOptions,
  type Runner,
  resealPage,
  rotate,
  type Sealer,
} from '../../storage/index.ts'
import type { KeyRotation } from '../store.ts'
import { sealedTables } from './sealed-tables.ts'

export interface RotateParts {
  readonly runner: Runner
  readonly sealer: Sealer
  readonly keyring: Keyring | undefined
  /** Behind a SELECT: rows that others have locked are passed over. Whoever waits for nobody cannot be a part of a deadlock. */
  readonly lockFree: string
}

// A process with an older keyring that goes on writing would keep it busy for ever.
const mostPasses = 5

/** Goes through the tables again while there is something to do: rows in other hands are passed over. */
export async function rotateKeys(
  { runner, sealer, keyring, lockFree: lock }: RotateParts,
  options: RotateOptions = {},
): Promise<KeyRotation> {
  if (keyring === undefined)
    throw new TypeError('Expected a store with a keyring: there is no sealing key to seal the records with.')
  const notKid = keyring.keys[0].kid
  const page = (after: string | null, limit: number, seal: Reseal): Promise<ResealPage> =>
    runner.transaction(() => resealPage({ tables: sealedTables, lock, notKid, after, limit, seal }))
  let rewritten = 0
  for (let passes = 1; ; passes++) {
    const pass = await rotate(sealer, page, options)
    rewritten += pass.rewritten
    if (pass.rewritten > 0 && passes < mostPasses) continue
    return { rewritten, left: await leftOf(runner, notKid), missingKids: pass.missingKids, broken: pass.broken }
  }
}

async function leftOf(runner: Runner, kid: string): Promise<number> {
  const counts = sealedTables.map(({ name }) => `(SELECT count(*) FROM ${name} WHERE kid IS NULL OR kid <> ?)`)
  const values = sealedTables.map(() => kid)
  const row = await runner.read(() => firstOf(`SELECT ${counts.join(' + ')} AS left_over`, values))
  return Number(row?.left_over)
}
