/** Milliseconds, or a number with its unit: `'250ms'`, `'30s'`, `'5m'`, `'12h'`, `'7d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * The milliseconds of a duration. Throws `TypeError` for anything negative, not a number, or without a known unit;
 * `Infinity` passes only where an end is optional.
 */
export function milliseconds(value: Duration, name: string, allowed: { infinity?: boolean } = {}): number {
  const ms = parse(value)
  if (ms >= 0 && (Number.isFinite(ms) || allowed.infinity === true)) return ms
  const forms = `a number of milliseconds or text such as "30s" (ms, s, m, h, d)${allowed.infinity === true ? ' or Infinity' : ''}`
  throw new TypeError(`Expected ${name} to be ${forms}, not negative, but found ${describe(value)}`)
}

/** `NaN` for what is none. */
function parse(value: unknown): number {
  if (typeof value === 'number') return value
  const match = typeof value === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value) : null
  return match === null ? Number.NaN : Number(match[1]) * (unitMs[match[2] ?? ''] ?? Number.NaN)
}

/** One wait before each attempt, the first one too. */
export type Waits = readonly (string | number)[]

export const mostWaits = 100
const longestWaitMs = 365 * 86_400_000

/** Whether one wait of a description or of metadata can be kept: a duration of at most 365 days. */
export function isWait(value: unknown): boolean {
  const ms = parse(value)
  return ms >= 0 && ms <= longestWaitMs
}

export function isWaits(value: unknown): value is Waits {
  return Array.isArray(value) && value.length > 0 && value.length <= mostWaits && value.every(isWait)
}

function describe(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
