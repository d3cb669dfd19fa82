import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { planOf, report, shrink, simulate } from './simulator.ts'
import { buildMutant, type Mutant } from './simulator-mutants.ts'

const cache = fileURLToPath(new URL('../../.cache', import.meta.url))
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'mutants-'))
afterAll(() => rmSync(folder, { recursive: true }))

// The same seeds in every run, as many as a minute takes; RINGBACK_SEED=random looks at others.
test('a minute of seeds', async () => {
  const until = Date.now() + 60_000
  const first = process.env.RINGBACK_SEED === 'random' ? Date.now() % 1_000_000_000 : Number(process.env.RINGBACK_SEED ?? 1000)
  let seed = first
  for (; Date.now() < until; seed++) {
    const plan = planOf(seed)
    const run = await simulate(plan)
    if (run.violations.length === 0) continue
    const smallest = await shrink(plan)
    throw new Error(report(smallest, await simulate(smallest)))
  }
  expect(seed).toBeGreaterThan(first + 100)
}, 300_000)

// What the simulator would not find, it does not prove.
const MUTANTS: [name: string, mutant: Mutant][] = [
  [
    'a settlement with an old token is written',
    { file: 'dispatcher/memory-store.ts', from: 'row?.lease?.token === token', to: 'row?.lease !== undefined' },
  ],
  [
    'ordering keys are forgotten',
    { file: 'dispatcher/memory-store.ts', from: 'row.blocked = line.length > 0', to: 'row.blocked = false' },
  ],
  [
    'one attempt too many',
    { file: 'dispatcher/consequence.ts', from: 'n - delivery.attemptsBefore + 1', to: 'n - delivery.attemptsBefore' },
  ],
  [
    'an unknown end is no attempt',
    { file: 'dispatcher/settler.ts', from: 'n: delivery.attempts + 1,', to: 'n: delivery.attempts,' },
  ],
  ['410 is retried', { file: 'dispatcher/verdict.ts', from: 'code === 410', to: 'code === 499' }],
  ['Retry-After is forgotten', { file: 'dispatcher/verdict.ts', from: 'Math.max(floorMs, askedMs)', to: 'floorMs' }],
  [
    'leases that end are never looked for',
    {
      file: 'dispatcher/sweeper.ts',
      from: 'isDue: (now) => now >= nextSweepAt',
      to: 'isDue: (now) => now < 0 && now >= nextSweepAt',
    },
  ],
  [
    'a failed claim is the last one',
    { file: 'dispatcher/worker.ts', from: 'wakeBy(clock.now() + storeRetryMs)', to: 'void storeRetryMs' },
  ],
  [
    'the breaker is not heeded',
    {
      file: 'dispatcher/settler.ts',
      from: "changed?.kind === 'open' ? changed.until : 0",
      to: "changed?.kind === 'half-open' ? 1 : 0",
    },
  ],
  [
    'what is to be held is given back as it was',
    {
      file: 'dispatcher/settler.ts',
      from: 'dueAt: delivery.dueAt, isHeld: true',
      to: 'dueAt: delivery.dueAt, isHeld: false',
    },
  ],
  [
    'a lease is taken over before it ends',
    { file: 'dispatcher/memory-store.ts', from: 'row.lease.until <= now', to: 'row.lease.until <= now + 20_000' },
  ],
]

test.each(MUTANTS)(
  'the simulator finds it when %s',
  async (name, mutant) => {
    const outfile = join(folder, `${name.replaceAll(/\W+/g, '-')}.mjs`)
    await buildMutant(mutant, outfile)
    const mutated: { simulate: typeof simulate } = await import(/* @vite-ignore */ pathToFileURL(outfile).href)
    let found = 0
    for (let seed = 1; seed <= 300 && found === 0; seed++) found = (await mutated.simulate(planOf(seed))).violations.length
    expect(found).toBeGreaterThan(0)
  },
  300_000,
)
