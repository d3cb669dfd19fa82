import type { Profile } from '../profile.ts'
import { gcp } from './gcp.ts'
import { standard } from './standard.ts'
import { utask } from './utask.ts'

/** The profiles by name. */
export const profiles: Readonly<Record<string, Profile>> = { standard, gcp, utask }
