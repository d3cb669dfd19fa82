import {
  compile,
  evaluate,
  expect as expected,
  interpolate,
  parseExpression,
  parseTemplate,
  print,
  reads,
  repair,
} from 'ringback/expression'
import { describe, expect, test } from 'vitest'
import type { Entry } from '../support/abnf.ts'
import { startCpuTime } from '../support/cpu-time.ts'
import { bare, key, hostileShapes as shapes } from '../support/hostile-texts.ts'
import { read } from '../support/read.ts'

const maxLength = Number.POSITIVE_INFINITY

/** Everything that is done with a text in an editor: parse, repair, completion. The problems that were found. */
function work(text: string, entry: Entry): number {
  const result = read(text, entry, { repair: true, maxLength })
  repair(text, { ...entry, ...entry.template, ...(entry.template === undefined ? { kind: 'expression' } : {}), maxLength })
  expected(text, text.length, { ...entry, ...entry.template })
  return result.ok ? 0 : result.error.problems.length
}

/** CPU time of this process, which a busy machine does not stretch as it does the time of day. The best of three. */
function cpuMs(run: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < 3; i++) {
    const cpuTime = startCpuTime()
    run()
    best = Math.min(best, cpuTime())
  }
  return best
}

describe('work grows with the length and no faster', () => {
  // Of eight times the text: linear is 8, quadratic 64. What is too short to be measured counts as 4 ms.
  test.each(shapes)('%s', { timeout: 60_000 }, (_, make, entry) => {
    const [short, long] = [make(5_000), make(40_000)]
    const one = Math.max(
      cpuMs(() => work(short, entry)),
      4,
    )
    expect(cpuMs(() => work(long, entry)) / one).toBeLessThan(40)
  })
})

// A million: hostile.deep.ts.
describe('a hundred thousand characters', () => {
  test.each(shapes)('%s: a verdict, and at most 20 problems', { timeout: 60_000 }, (_, make, entry) => {
    const text = make(100_000)
    const result = read(text, entry, { maxLength })
    if (result.ok) expect(print(result.value)).toBe(text)
    else expect(result.error.problems.length).toBeLessThanOrEqual(20)
  })
})

describe('without maxLength', () => {
  test('8192 characters are read, 8193 are not', () => {
    for (const [begin, entry] of [
      ['$request.query.', bare],
      ['$request.query.', key],
      ['https://h/', key],
    ] as const) {
      expect(read(begin.padEnd(8192, 'a'), entry).ok).toBe(true)
      const result = read(begin.padEnd(8193, 'a'), entry)
      expect(!result.ok && result.error.problems).toMatchObject([
        { code: 'too-long', span: { start: 8192, end: 8193 }, edits: [] },
      ])
    }
  })

  test('no shape makes the reader throw, of any length up to the cap', () => {
    for (const [, make, entry] of shapes) for (const n of [1, 2, 3, 100, 8_192]) read(make(n), entry, { repair: true })
  })

  test('a repair that makes the text longer than the cap is none', () => {
    const text = `{request.body#/${'a'.repeat(8192 - 16)}}`
    expect(text).toHaveLength(8192)
    expect(read(text, key, { repair: true }).ok).toBe(false)
    expect(read(text, key, { repair: true, maxLength: 8193 }).ok).toBe(true)
  })
})

describe('values', () => {
  const depth = 100_000
  const nested = '{"a":'.repeat(depth)

  test('a pointer of 100,000 tokens is followed to its end', () => {
    let body: unknown = 'end'
    for (let i = 0; i < depth; i++) body = { a: body }
    const expression = parseExpression(`$request.body#${'/a'.repeat(depth)}`, { maxLength })
    expect(evaluate(expression, { request: { body } })).toEqual({ ok: true, value: 'end' })
    expect(reads(expression).request.body).toBe(true)
  })

  test('a body that is too deep to be written as JSON is a failure, not an exception', () => {
    let body: unknown = 'end'
    for (let i = 0; i < depth; i++) body = [body]
    const result = interpolate('{$request.body}', { request: { body } })
    expect(result.ok ? '' : result.error.reason).toBe('not-serialisable')
  })

  test('JSON text that is too deep, or cut off, does not parse and does not throw', () => {
    for (const body of [nested, `${nested}1${'}'.repeat(depth)}`, '['.repeat(depth)]) {
      const exchange = { request: { headers: { 'content-type': 'application/json' }, body } }
      expect(typeof evaluate('$request.body#/a', exchange).ok).toBe('boolean')
    }
  })

  test('a million characters are put into a URL', () => {
    const template = compile(parseTemplate('https://h/{$request.query.a}?k={$request.query.b}'), { encode: 'url' })
    const [a, b] = ['/'.repeat(1_000_000), 'ä'.repeat(1_000_000)]
    const result = template({ request: { query: { a, b } } })
    expect(result.ok && result.value.length).toBe('https://h/?k='.length + 3 * a.length + 6 * b.length)
  })
})
