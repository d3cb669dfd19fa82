import { isIP } from 'node:net'
import type { IpRange } from './ip-address.ts'
import { parseIpRange } from './ip-address.ts'
import { withoutRootDot } from './name-rules.ts'

/** What an operator has opened, in the form that the rules ask for. */
export interface OptIns {
  readonly ranges: readonly IpRange[]
  /** `host:port`, the host as a URL prints it. */
  readonly origins: ReadonlySet<string>
}

/** Reads `10.2.0.0/16`, `10.2.3.4`, `hooks.corp.example:8443`, `hooks.corp.example` (ports 80 and 443). Anything else is a `TypeError`. */
export function parseOptIns(allow: readonly string[]): OptIns {
  const ranges: IpRange[] = []
  const origins = new Set<string>()
  for (const entry of allow) {
    const range = parseIpRange(entry)
    if (range !== undefined) ranges.push(range)
    else for (const origin of originsOf(entry)) origins.add(origin)
  }
  return { ranges, origins }
}

export function originKey(host: string, port: number): string {
  return `${host}:${port}`
}

function originsOf(entry: string): readonly string[] {
  const url = /[/?#@\s\\*]/.test(entry) || !URL.canParse(`http://${entry}`) ? undefined : new URL(`http://${entry}`)
  if (url === undefined) throw new TypeError(allowProblem(entry))
  const host = hostOf(url)
  const spelledPort = /:(\d+)$/.exec(entry)?.[1]
  if (spelledPort !== undefined && (isIP(host) === 0 || !isIP(entry))) return [originKey(host, Number(spelledPort))]
  return [originKey(host, 80), originKey(host, 443)]
}

/** The host of a URL without brackets and without the dot of the root. */
export function hostOf(url: URL): string {
  const { hostname } = url
  return hostname.startsWith('[') ? hostname.slice(1, -1) : withoutRootDot(hostname)
}

function allowProblem(entry: string): string {
  return (
    `Expected an address range without host bits ("10.2.0.0/16"), an address, or a host with or without port ("hooks.corp.example:8443") ` +
    `in "allow", found ${JSON.stringify(entry)}.`
  )
}
