import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readDescription } from 'ringback'
import { DocumentError, parseDescription } from 'ringback/openapi'
import { expect, test } from 'vitest'
import { startCpuTime } from '../support/cpu-time.ts'

const mebibyte = 1024 * 1024

interface Cost {
  readonly error: unknown
  readonly milliseconds: number
  readonly heapMiB: number
}

async function costOf(work: () => unknown): Promise<Cost> {
  const before = process.memoryUsage().heapUsed
  const cpuTime = startCpuTime()
  let error: unknown
  try {
    await work()
  } catch (caught) {
    error = caught
  }
  return { error, milliseconds: cpuTime(), heapMiB: (process.memoryUsage().heapUsed - before) / mebibyte }
}

/** At least `size` characters made of numbered lines. */
function repeated(size: number, line: (index: number) => string): string {
  const lines: string[] = []
  for (let length = 0, i = 0; length < size; i++) {
    const one = line(i)
    lines.push(one)
    length += one.length + 1
  }
  return lines.join('\n')
}

const ANCHORS: [name: string, line: (index: number) => string][] = [
  ['an anchor and an alias a line', (i) => `a${i}: &a${i} [x]\nb${i}: *a${i}`],
  ['anchors only', (i) => `a${i}: &a${i} x`],
  ['aliases that double', (i) => (i === 0 ? 'a0: &a0 [x]' : `a${i}: &a${i} [*a${i - 1}, *a${i - 1}]`)],
  ['merge keys', (i) => (i === 0 ? 'a0: &a0 {x: 1}' : `a${i}: {<<: *a0, y: 1}`)],
]

test.each(ANCHORS)(
  '100 MB of anchors, %s: refused at once by its size',
  async (_, line) => {
    const text = `openapi: 3.1.0\n${repeated(100 * mebibyte, line)}`
    const { error, milliseconds } = await costOf(() => parseDescription(text))
    expect(error).toBeInstanceOf(DocumentError)
    expect(String(error)).toMatch(/at most 67108864 bytes/)
    expect(milliseconds).toBeLessThan(1_000)
  },
  120_000,
)

test.each(ANCHORS)(
  '100 MB of anchors, %s: refused by its nodes when the size is allowed',
  async (_, line) => {
    const text = `openapi: 3.1.0\n${repeated(100 * mebibyte, line)}`
    const { error, milliseconds, heapMiB } = await costOf(() => parseDescription(text, { maxBytes: 200 * mebibyte }))
    expect(error).toBeInstanceOf(DocumentError)
    expect(String(error)).toMatch(/nodes/)
    expect(milliseconds).toBeLessThan(5_000)
    expect(heapMiB).toBeLessThan(500)
  },
  120_000,
)

test('60 MB of anchors that are just few enough are read, in bounded time', async () => {
  const text = `openapi: 3.1.0\n${repeated(60 * mebibyte, (i) => `a${i}: &a${i} "${'x'.repeat(100)}"`)}`
  const { error, milliseconds } = await costOf(() => parseDescription(text))
  expect(error).toBeUndefined()
  expect(milliseconds).toBeLessThan(30_000)
}, 120_000)

test('a file of 100 MB is not even read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-bounds-'))
  try {
    const path = join(folder, 'openapi.yaml')
    const file = await open(path, 'w')
    await file.truncate(100 * mebibyte)
    await file.close()
    const { error, milliseconds } = await costOf(() => readDescription(path))
    expect(String(error)).toMatch(/at most 67108864 bytes but .* has 104857600/)
    expect(milliseconds).toBeLessThan(1_000)
  } finally {
    await rm(folder, { recursive: true })
  }
})

const DEEP: [name: string, text: string][] = [
  ['flow sequences', '['.repeat(10_000)],
  ['flow mappings', '{"a":'.repeat(10_000)],
  ['block sequences', '- '.repeat(10_000)],
  ['block mappings', Array.from({ length: 10_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ['a deep million', '['.repeat(1_000_000)],
]

test.each(DEEP)('10,000 levels of %s end in one error, quickly', async (_, text) => {
  const { error, milliseconds } = await costOf(() => parseDescription(text))
  expect(error).toBeInstanceOf(DocumentError)
  expect(String(error)).toMatch(/levels of nesting/)
  expect(milliseconds).toBeLessThan(2_000)
})

// Shapes that have made YAML parsers quadratic.
const SLOW: [name: string, text: string][] = [
  ['blank lines in brackets', `openapi: 3.1.0\nx:\n a: [\n${'\n'.repeat(500_000)} ]}`],
  ['shallow brackets', `openapi: 3.1.0\nx:\n${'  a: [\n  1\n  ]\n'.repeat(100_000)}`],
  ['keys on one line', `openapi: 3.1.0\nq:\n  a: [\n  1\n  ]\nx: ${'"a": '.repeat(300_000)}`],
  ['unquoted keys', `openapi: 3.1.0\nx:\n${'  {$url}/a:\n    a: 1\n'.repeat(50_000)}`],
  ['duplicate keys', `openapi: 3.1.0\n${'a: 1\n'.repeat(500_000)}`],
  ['folded lines', `openapi: 3.1.0\nx: ${'b\n '.repeat(500_000)}`],
  ['one long key', `openapi: 3.1.0\n${'a'.repeat(5_000_000)}: 1`],
  ['escapes', `{"openapi":"3.1.0","x":"${'\\u0041'.repeat(1_000_000)}"}`],
  ['hashes', `openapi: 3.1.0 ${'#'.repeat(5_000_000)}`],
]

test.each(SLOW)(
  '%s cost linear time',
  async (_, text) => {
    const { error, milliseconds } = await costOf(() => parseDescription(text))
    expect(error === undefined || error instanceof DocumentError).toBe(true)
    expect(milliseconds).toBeLessThan(10_000)
  },
  60_000,
)
