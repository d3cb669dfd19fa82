import { type Refusal, refusal } from './refusal.ts'

// Names that never lead to the public Internet: RFC 6761, 6762, 7686, 8375, ICANN's .internal, and what private networks use.
const privateSuffixes = [
  'localhost',
  'local',
  'internal',
  'home.arpa',
  'test',
  'invalid',
  'onion',
  'localdomain',
  'lan',
  'intranet',
  'private',
  'corp',
  'home',
]

/** The name without the dot of the root, as a WHATWG URL prints it: lower case, punycode. */
export function withoutRootDot(hostname: string): string {
  return hostname.endsWith('.') ? hostname.slice(0, -1) : hostname
}

export function refusalOfName(name: string): Refusal | undefined {
  if (!name.includes('.')) return refusal('single-label', `"${name}" has one label: the resolver's search domains would decide`)
  if (name.startsWith('.') || name.endsWith('.') || name.includes('..'))
    return refusal('unparseable', `"${name}" has an empty label`)
  const suffix = privateSuffixes.find((candidate) => name === candidate || name.endsWith(`.${candidate}`))
  return suffix === undefined ? undefined : refusal('private-name', `"${name}" is in the private name "${suffix}"`)
}
