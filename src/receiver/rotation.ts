import { type RotateOptions, type Rotation, rotate } from '../storage/index.ts'
import type { Core } from './core.ts'

export type { Rotation } from '../storage/index.ts'

export async function rotateKeys({ store, sealer, firstKid }: Core, options: RotateOptions = {}): Promise<Rotation> {
  if (firstKid === null)
    throw new TypeError('Expected a receiver with a keyring: there is no sealing key to seal the records with')
  return rotate(sealer, (after, limit, seal) => store.reseal(firstKid, after, limit, seal), options)
}
