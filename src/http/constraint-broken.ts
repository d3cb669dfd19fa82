import type { AuthorityConstraint, TargetConstraint } from './target-constraint.ts'

/** What of a URL is not as the callback key fixed it; `undefined` when all is. */
export function constraintBrokenBy(url: URL, { scheme, authority }: TargetConstraint): 'scheme' | 'authority' | undefined {
  if (scheme !== undefined && url.protocol !== `${scheme}:`) return 'scheme'
  return authority === undefined || keepsAuthority(url, authority) ? undefined : 'authority'
}

function keepsAuthority({ hostname, port }: URL, authority: AuthorityConstraint): boolean {
  if (authority.port !== 'any' && authority.port !== port) return false
  if (authority.kind === 'exact') return hostname === authority.host
  const { prefix, suffix } = authority
  return hostname.length >= prefix.length + suffix.length && hostname.startsWith(prefix) && hostname.endsWith(suffix)
}
