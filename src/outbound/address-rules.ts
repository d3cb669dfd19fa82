import { type IpAddress, type IpRange, inRange, parseIpAddress, parseIpRange } from './ip-address.ts'
import { type Refusal, refusal } from './refusal.ts'

// IANA IPv4 Special-Purpose Address Registry, every entry, with multicast (RFC 5771) and 240/4 (RFC 1112). Globally reachable entries
// (AS112, AMT) are in it too: no subscriber lives there.
const specialV4 = ranges(
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Azure's host agent: a public address that answers only inside Azure.
  '168.63.129.16/32',
)

const globalUnicastV6 = range('2000::/3')
// Protocol assignments (Teredo, ORCHID, benchmarking), documentation, 6to4, documentation (RFC 9637).
const specialV6 = ranges('2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20')
const mappedV4 = range('::ffff:0:0/96')
const nat64 = range('64:ff9b::/96')

// What naming a host opens: the networks of an organisation. Link-local addresses, groups and the rest need a range of their own in `allow`.
const privateNetworks = ranges(
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7',
  '::1/128',
)
// Metadata services that live in such networks: Alibaba, AWS, Google.
const metadataServices = ranges('100.100.100.200/32', 'fd00:ec2::254/128', 'fd20:ce::254/128')

const loopback = ranges('127.0.0.0/8', '::1/128')

export interface AddressOptIns {
  readonly ranges: readonly IpRange[]
  readonly loopback: boolean
}

/** `undefined`: the address may be dialled. `named`: the operator has allowed the host by its name. */
export function refusalOfAddress(text: string, optIns: AddressOptIns, named = false): Refusal | undefined {
  const address = parseIpAddress(text)
  if (address === undefined) {
    const rule = text.includes('%') ? 'scoped-address' : 'not-an-address'
    return refusal(rule, `expected an IP address without a zone, found ${JSON.stringify(text)}`)
  }
  const dialled = embeddedV4(address) ?? address
  if (optIns.ranges.some((allowed) => inRange(dialled, allowed) || inRange(address, allowed))) return undefined
  if (optIns.loopback && isIn(dialled, loopback)) return undefined
  if (named && isIn(dialled, privateNetworks) && !isIn(dialled, metadataServices)) return undefined
  if (dialled.bits === 32) {
    if (!isIn(dialled, specialV4)) return undefined
    return refusal(inRange(address, nat64) ? 'nat64-special' : 'special-v4', `${text} is a special-purpose IPv4 address`)
  }
  if (!inRange(dialled, globalUnicastV6)) return refusal('outside-2000::/3', `${text} is not a global unicast IPv6 address`)
  return isIn(dialled, specialV6) ? refusal('special-v6', `${text} is a special-purpose IPv6 address`) : undefined
}

/** The IPv4 address that is dialled in the end: IPv4-mapped (RFC 4291, 2.5.5.2) and NAT64's well-known prefix (RFC 6052). */
function embeddedV4(address: IpAddress): IpAddress | undefined {
  return inRange(address, mappedV4) || inRange(address, nat64) ? { bits: 32, value: address.value & 0xffffffffn } : undefined
}

function isIn(address: IpAddress, list: readonly IpRange[]): boolean {
  return list.some((entry) => inRange(address, entry))
}

function ranges(...texts: readonly string[]): readonly IpRange[] {
  return texts.map(range)
}

function range(text: string): IpRange {
  const parsed = parseIpRange(text)
  if (parsed === undefined) throw new TypeError(`Not an address range: ${text}`)
  return parsed
}
