import type { Profile } from '../profile.ts'
import { standard } from './standard.ts'

/** The answers of Google Cloud Workflows' callbacks: one slot, no checks of what is sent, 404 once it is over. */
export const gcp: Profile = {
  ...standard,
  slots: 1,
  lifeMs: 365 * 24 * 3_600_000,
  dedupes: false,
  answersHead: false,
  checksContent: false,
  readsAfterEnd: false,
  waitTimeoutMs: 43_200_000,
  refusal: (refusal) => standard.refusal(refusal.kind === 'rejected' && refusal.code === 'ended' ? { kind: 'unknown' } : refusal),
}
