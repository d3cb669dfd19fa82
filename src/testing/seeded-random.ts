import type { Random } from '../util/index.ts'

/** Chance that is the same in every run with the same seed (mulberry32). Never for secrets. */
export function seededRandom(seed: number): Random {
  const next = seededNumbers(seed)
  return (bytes) => Uint8Array.from({ length: bytes }, () => Math.floor(next() * 256))
}

/** Numbers from 0 up to 1. */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
