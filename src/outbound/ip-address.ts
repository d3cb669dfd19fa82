import { isIPv4, isIPv6 } from 'node:net'

/** An address as a number: `bits` is 32 or 128. */
export interface IpAddress {
  readonly bits: 32 | 128
  readonly value: bigint
}

export interface IpRange {
  readonly bits: 32 | 128
  readonly first: bigint
  readonly prefixLength: number
}

/** Reads what resolvers and sockets give: dotted quads and RFC 4291 text. Scoped addresses (`fe80::1%eth0`) are `undefined`. */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (isIPv4(text)) return { bits: 32, value: ofIpv4(text) }
  if (isIPv6(text) && !text.includes('%')) return { bits: 128, value: ofIpv6(text) }
  return undefined
}

/** `10.2.0.0/16`, `fd00::/8`, or one address. `undefined` when the text is neither, or has bits set behind its prefix. */
export function parseIpRange(text: string): IpRange | undefined {
  const slash = text.indexOf('/')
  const address = parseIpAddress(slash === -1 ? text : text.slice(0, slash))
  if (address === undefined) return undefined
  const digits = slash === -1 ? String(address.bits) : text.slice(slash + 1)
  if (!/^\d{1,3}$/.test(digits)) return undefined
  const prefixLength = Number(digits)
  if (prefixLength > address.bits) return undefined
  const range = { bits: address.bits, first: address.value, prefixLength }
  return (address.value & ((1n << BigInt(address.bits - prefixLength)) - 1n)) === 0n ? range : undefined
}

export function inRange(address: IpAddress, range: IpRange): boolean {
  if (address.bits !== range.bits) return false
  const shift = BigInt(range.bits - range.prefixLength)
  return address.value >> shift === range.first >> shift
}

function ofIpv4(text: string): bigint {
  return text.split('.').reduce((value, octet) => (value << 8n) | BigInt(octet), 0n)
}

function ofIpv6(text: string): bigint {
  const dotted = text.includes('.') ? text.lastIndexOf(':') + 1 : text.length
  const tail = dotted < text.length ? ofIpv4(text.slice(dotted)) : undefined
  const groupsText =
    tail === undefined ? text : `${text.slice(0, dotted)}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`
  const [before = '', after] = groupsText.split('::')
  const left = groupsOf(before)
  const right = after === undefined ? [] : groupsOf(after)
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0n)
  return [...left, ...zeros, ...right].reduce((value, group) => (value << 16n) | group, 0n)
}

function groupsOf(text: string): bigint[] {
  return text === '' ? [] : text.split(':').map((group) => BigInt(`0x${group}`))
}
