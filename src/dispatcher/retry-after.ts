import { fieldLines, type HeaderFields } from '../http/index.ts'

/**
 * Milliseconds until the instant that `Retry-After` names (RFC 9110, 10.2.3): delay-seconds or an HTTP-date. `undefined` when there is no
 * field, or when it is neither; 0 when the instant is past.
 */
export function retryAfterMs(headers: HeaderFields, now: number): number | undefined {
  const value = fieldLines(headers, 'retry-after')[0]?.trim()
  if (value === undefined) return undefined
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1000 : httpDate(value) - now
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds)
}

// IMF-fixdate, RFC 850 and asctime (RFC 9110, 5.6.7). `Date.parse` alone would take much more, in the local time zone.
const httpDateForm = /^[A-Z][a-z]{2,8},? .*\d{2}:\d{2}:\d{2}( GMT| \d{4})$/

function httpDate(value: string): number {
  if (!httpDateForm.test(value)) return Number.NaN
  return Date.parse(value.endsWith('GMT') ? value : `${value} GMT`)
}
