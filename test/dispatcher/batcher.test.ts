import { expect, test } from 'vitest'
import { createBatcher } from '../../src/dispatcher/batcher.ts'
import { systemClock } from '../../src/util/index.ts'

function recorded(): { readonly written: number[][]; flush(items: readonly number[]): Promise<readonly number[]> } {
  const written: number[][] = []
  return {
    written,
    async flush(items) {
      written.push([...items])
      return items
    },
  }
}

test('what is added after a drain of nothing is written', async () => {
  const { written, flush } = recorded()
  const batcher = createBatcher({ flush, enough: 64, waitMs: 0, clock: systemClock })
  await batcher.drain()
  expect(await batcher.add(1)).toBe(1)
  await batcher.drain()
  expect(await Promise.all([batcher.add(2), batcher.add(3)])).toEqual([2, 3])
  expect(written).toEqual([[1], [2, 3]])
})

test('what is added during a write is the next batch, and a drain waits for both', async () => {
  const { written, flush } = recorded()
  let later: Promise<number> | undefined
  const batcher = createBatcher<number, number>({
    async flush(items) {
      later ??= batcher.add(2)
      return flush(items)
    },
    enough: 1,
    waitMs: 0,
    clock: systemClock,
  })
  const first = batcher.add(1)
  await batcher.drain()
  expect(written).toEqual([[1], [2]])
  expect([await first, await later]).toEqual([1, 2])
})

test('those of a batch that fails are told so, and the next one is written', async () => {
  const { written, flush } = recorded()
  let fails = true
  const batcher = createBatcher<number, number>({
    async flush(items) {
      if (fails) throw new Error('the disk is full')
      return flush(items)
    },
    enough: 2,
    waitMs: 0,
    clock: systemClock,
  })
  await expect(Promise.all([batcher.add(1), batcher.add(2)])).rejects.toThrow('the disk is full')
  fails = false
  expect(await batcher.add(3)).toBe(3)
  expect(written).toEqual([[3]])
})
