import type { DeliveryStore, Keyring } from '../../dispatcher/index.ts'
import type { CommandContext } from '../command.ts'
import { exitFailure, exitUsage } from '../exit-codes.ts'
import { jsonLine } from '../json-line.ts'
import { keyringOf } from '../store/open-store.ts'

/** Seals everything with the first sealing key of the keyring. */
export async function rotateStoreKeys(
  store: DeliveryStore,
  { batch, json, keys }: { readonly batch: number; readonly json?: true; readonly keys?: Keyring },
  context: CommandContext,
): Promise<void> {
  if (keyringOf(keys) === undefined) {
    context.stderr('error: Expected a keyring to seal the records with (--keys or RINGBACK_KEYS), found none.\n')
    return context.exitWith(exitUsage)
  }
  const rotation = await store.rotateKeys?.({ batch })
  if (rotation === undefined) return
  const { rewritten, left, missingKids, broken } = rotation
  if (json === true) context.stdout(jsonLine(rotation))
  else context.stdout(`${rewritten} records sealed again, ${left} left\n`)
  if (missingKids.length > 0) context.stderr(`Some need sealing keys that are not in the keyring: ${missingKids.join(', ')}\n`)
  if (broken > 0) context.stderr(`${broken} are broken\n`)
  if (left === 0) context.stderr('Older sealing keys can be taken out of the keyring.\n')
  else context.exitWith(exitFailure)
}
