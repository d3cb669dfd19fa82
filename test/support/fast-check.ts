import fc from 'fast-check'

/**
 * The seed of every property: the same in every run, so that a test that was green stays green until something changes. `FUZZ_SEED=random`
 * looks at other texts, and prints where; `FUZZ_SEED=<number>` looks there again.
 */
export const propertySeed: number = seedOf(process.env.FUZZ_SEED)

function seedOf(named: string | undefined): number {
  if (named === undefined) return 1
  if (named === 'random') return Math.floor(Math.random() * 2 ** 31)
  const seed = Number(named)
  if (!Number.isSafeInteger(seed)) throw new TypeError(`Expected FUZZ_SEED to be a whole number or "random", found "${named}"`)
  return seed
}

if (process.env.FUZZ_SEED === 'random') console.log(`FUZZ_SEED=${propertySeed}`)

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: propertySeed })

export default fc
