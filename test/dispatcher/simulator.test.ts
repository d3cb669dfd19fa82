import { test } from 'vitest'
import { planOf, report, shrink, simulate } from './simulator.ts'

const named = Number(process.env.RINGBACK_SEED)
const seeds = Number.isInteger(named) && named > 0 ? [named] : Array.from({ length: 300 }, (_, i) => i + 1)

test(`whatever fails in ${seeds.length} seeded runs, nothing accepted is lost, and every rule holds`, async () => {
  for (const seed of seeds) {
    const plan = planOf(seed)
    const run = await simulate(plan)
    if (run.violations.length === 0) continue
    const smallest = await shrink(plan)
    throw new Error(report(smallest, await simulate(smallest)))
  }
}, 120_000)
