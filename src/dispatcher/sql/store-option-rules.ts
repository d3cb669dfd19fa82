import type { Keyring } from '../../storage/index.ts'
import type { OptionRules } from '../../util/index.ts'

/** Of both databases. */
export const storeOptionRules: OptionRules<{ migrate: boolean; keyring: Keyring; plaintext: true }> = {
  migrate: 'boolean',
  keyring: 'object',
  plaintext: 'boolean',
}
