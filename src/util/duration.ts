/** Milliseconds, or a number with its unit: `'250ms'`, `'30s'`, `'5m'`, `'12h'`, `'7d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * The milliseconds of a duration. Throws `TypeError` for anything negative, not a number, or without a known unit;
 * `Infinity` passes only where an end is optional.
 */
export function milliseconds(value: Duration, name: string, allowed: { infinity?: boolean } = {}): number {
  const ms = typeof value === 'string' ? parse(value) : value
  if (typeof ms === 'number' && ms >= 0 && (Number.isFinite(ms) || allowed.infinity === true)) return ms
  const forms = `a number of milliseconds or text such as "30s" (ms, s, m, h, d)${allowed.infinity === true ? ' or Infinity' : ''}`
  throw new TypeError(`Expected ${name} to be ${forms}, not negative, but found ${describe(value)}`)
}

function parse(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text)
  return match === null ? Number.NaN : Number(match[1]) * (unitMs[match[2] ?? ''] ?? Number.NaN)
}

function describe(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
