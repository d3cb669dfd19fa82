import type { Outcome } from 'ringback/dispatcher'
import { describe, expect, test } from 'vitest'
import { retryAfterMs } from '../../src/dispatcher/retry-after.ts'
import { type Verdict, verdictOf } from '../../src/dispatcher/verdict.ts'

const now = Date.UTC(2024, 0, 2, 3, 4, 5)
const response = (status: number, headers: Record<string, string> = {}): Outcome => ({
  kind: 'response',
  status,
  headers,
  body: new Uint8Array(0),
})
const failed = (cause: Extract<Outcome, { kind: 'failed' }>['cause']): Outcome => ({
  kind: 'failed',
  cause,
  code: 'X',
  message: 'x',
})
const retry = (floorMs = 0, pauseMs = 0): Verdict => ({ kind: 'retry', floorMs, pauseMs })
const dead = (reason: Extract<Verdict, { kind: 'dead' }>['reason']): Verdict => ({ kind: 'dead', reason })
const delivered: Verdict = { kind: 'delivered' }

const TABLE: [name: string, outcome: Outcome, verdict: Verdict][] = [
  ...[200, 201, 202, 204, 206, 299].map((status) => [String(status), response(status), delivered] as [string, Outcome, Verdict]),
  ['200 with webhook-delivery: disable', response(200, { 'webhook-delivery': 'disable' }), delivered],
  ['refused by the policy', { kind: 'refused', rule: 'special-v4', message: '', detail: '' }, dead('refused')],
  ['unbuildable', { kind: 'unbuildable', problem: '' }, dead('refused')],
  ['410', response(410), dead('gone')],
  ['410 with Retry-After', response(410, { 'retry-after': '5' }), dead('gone')],
  ['webhook-delivery: disable', response(500, { 'webhook-delivery': ' Disable ' }), dead('gone')],
  ['webhook-delivery: abort-message', response(429, { 'webhook-delivery': 'abort-message' }), dead('aborted')],
  ...[413, 414, 415, 431, 501, 505].map(
    (status) => [String(status), response(status), dead('rejected')] as [string, Outcome, Verdict],
  ),
  ['413 with Retry-After', response(413, { 'retry-after': '5' }), retry(5000)],
  ['413 with Retry-After of now', response(413, { 'retry-after': '0' }), retry(0)],
  ['413 with Retry-After in the past', response(413, { 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' }), retry(0)],
  ['413 with Retry-After that says nothing', response(413, { 'retry-after': 'soon' }), dead('rejected')],
  ['503 with Retry-After of ages', response(503, { 'retry-after': '9'.repeat(400) }), retry(86_400_000, 60_000)],
  ['415 with Retry-After', response(415, { 'retry-after': '5' }), dead('rejected')],
  ...[429, 502, 504].map((status) => [String(status), response(status), retry(60_000)] as [string, Outcome, Verdict]),
  ['429 with a longer Retry-After', response(429, { 'retry-after': '3600' }), retry(3_600_000, 60_000)],
  ['429 with a shorter Retry-After', response(429, { 'retry-after': '5' }), retry(60_000, 5000)],
  ['503', response(503), retry()],
  ['503 with Retry-After of a month', response(503, { 'retry-after': '2592000' }), retry(86_400_000, 60_000)],
  ['500 with Retry-After', response(500, { 'retry-after': '30' }), retry(30_000)],
  ['400 with Retry-After', response(400, { 'retry-after': '30' }), retry(30_000)],
  ...[300, 301, 302, 303, 307, 308, 304, 400, 401, 403, 404, 409, 422, 500, 507, 599].map(
    (status) => [String(status), response(status), retry()] as [string, Outcome, Verdict],
  ),
  ['timeout', failed('timeout'), retry(60_000)],
  ...(['dns', 'connect', 'tls', 'reset', 'oversized', 'protocol'] as const).map(
    (cause) => [cause, failed(cause), retry()] as [string, Outcome, Verdict],
  ),
  ['unknown', { kind: 'unknown' }, retry()],
  ['aborted by us', failed('aborted'), { kind: 'postpone', delayMs: 0 }],
  ['a credential that is none', { ...failed('local'), code: 'ERR_CREDENTIALS_UNUSABLE' } as Outcome, retry(60_000)],
  ['our own trouble', failed('local'), { kind: 'postpone', delayMs: 5000 }],
]

test.each(TABLE)('%s', (_name, outcome, verdict) => expect(verdictOf(outcome, now)).toEqual(verdict))

describe('Retry-After', () => {
  test.each([
    ['120', 120_000],
    [' 120 ', 120_000],
    ['0', 0],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['', undefined],
    ['1e9', undefined],
    ['99999999999999999999', 1e23],
    ['Tue, 02 Jan 2024 03:05:05 GMT', 60_000],
    ['Tue, 02 Jan 2024 03:04:05 GMT', 0],
    ['Tuesday, 02-Jan-24 03:05:05 GMT', 60_000],
    ['Tue Jan  2 03:05:05 2024', 60_000],
    ['2024-01-02T03:05:05Z', undefined],
    ['Tue, 99 Foo 2024 03:05:05 GMT', undefined],
  ])('%j', (value, expected) => expect(retryAfterMs({ 'Retry-After': value }, now)).toBe(expected))

  test('is absent without the field', () => expect(retryAfterMs({}, now)).toBeUndefined())
})
