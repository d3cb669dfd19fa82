import { describe, expect, test } from 'vitest'
import { type Plan, planOf, report, shrink, simulate } from './simulator.ts'

const named = Number(process.env.RINGBACK_SEED)
const seeds = Number.isInteger(named) && named > 0 ? [named] : Array.from({ length: 200 }, (_, i) => i + 1)

test(`whatever fails in ${seeds.length} seeded runs, nothing accepted is lost, and every rule holds`, async () => {
  for (const seed of seeds) {
    const plan = planOf(seed)
    const run = await simulate(plan)
    if (run.violations.length === 0) continue
    const smallest = await shrink(plan)
    throw new Error(report(smallest, await simulate(smallest)))
  }
}, 300_000)

// Three deliveries, two of them in order: small enough to die everywhere.
const small: Omit<Plan, 'store'> = { seed: 10, steps: 12, processes: 1, faults: ['network'] }

describe.each(['memory', 'sqlite'] as const)('%s', (store) => {
  test.each(['before', 'after'] as const)(
    'a process that dies at any call of store or network, %s its effect, loses nothing',
    async (when) => {
      let n = 1
      for (let awaits = 1; n <= awaits; n++) {
        const plan: Plan = { ...small, store, crashAt: { n, when } }
        const run = await simulate(plan)
        awaits = Math.min(run.awaits, 150)
        if (run.violations.length > 0) throw new Error(`At call ${n}, ${when} its effect.\n${report(plan, run)}`)
      }
      expect(n).toBeGreaterThan(30)
    },
  )

  test('the same seed gives the same run', async () => {
    for (const seed of [3, 4, 5]) {
      const plan: Plan = { ...planOf(seed), store }
      expect((await simulate(plan)).digest).toBe((await simulate(plan)).digest)
    }
  })
})
