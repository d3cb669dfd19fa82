import type { Profile } from '../profile.ts'
import { gcp } from './gcp.ts'
import { standard } from './standard.ts'

/** The profiles by name. */
export const profiles: Readonly<Record<string, Profile>> = { standard, gcp }
