import { basePathOf } from './arrival.ts'
import type { Core } from './core.ts'

/** The path of an endpoint as its senders see it, but without the secret, and with what a sender appended. */
export function shownPath(core: Core, endpointId: string, subPath: string): string {
  const [segment = ''] = core.profile.urls.tail(endpointId, 'REDACTED').split('?')
  return `${basePathOf(core)}/${segment}${subPath}`
}
