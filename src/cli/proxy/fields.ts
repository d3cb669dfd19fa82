/** Names and values in turn, as `rawHeaders` of Node has them: case, order and repetition are kept. */
export type RawFields = readonly string[]

const hopByHop = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']

/**
 * What goes on to the next connection: all but the fields that are about this one (RFC 9110, 7.6.1). `TE` goes on, because trailers do.
 */
export function endToEnd(raw: RawFields): string[] {
  const dropped = new Set(hopByHop)
  for (const [name, value] of pairs(raw)) {
    if (name.toLowerCase() !== 'connection') continue
    for (const option of value.split(',')) dropped.add(option.trim().toLowerCase())
  }
  dropped.delete('te')
  return pairs(raw).flatMap(([name, value]) => (dropped.has(name.toLowerCase()) ? [] : [name, value]))
}

export function pairs(raw: RawFields): [name: string, value: string][] {
  return Array.from({ length: raw.length >> 1 }, (_, i) => [raw[2 * i] ?? '', raw[2 * i + 1] ?? ''])
}
