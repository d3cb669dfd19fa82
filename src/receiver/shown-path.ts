import type { Core } from './core.ts'

/** The path of an endpoint as its senders see it, but without the secret, and with what a sender appended. */
export function shownPath({ base, pathPrefix, profile }: Core, endpointId: string, subPath: string): string {
  const [segment = ''] = profile.urls.tail(endpointId, 'REDACTED').split('?')
  return `${base.pathname.replace(/\/$/, '')}${pathPrefix}/${segment}${subPath}`
}
