import type { DeliveryStore } from '../../dispatcher/index.ts'
import { benchOn, type StoreCases } from './bench.ts'
import { claimCases } from './claim-cases.ts'
import { insertCases } from './insert-cases.ts'
import { invariantCases } from './invariant-cases.ts'
import { leaseAtInsertCases } from './lease-at-insert-cases.ts'
import { lookCases } from './look-cases.ts'
import { operatorCases } from './operator-cases.ts'
import { orderingCases } from './ordering-cases.ts'
import { settleCases } from './settle-cases.ts'

/** One promise of a store, for any test runner: `for (const { name, run } of storeContract(open)) test(name, run)`. */
export interface ContractCase {
  readonly name: string
  /** Opens a store, rejects with an AssertionError when the promise is broken, and closes the store. */
  run(): Promise<void>
}

const chapters: readonly (readonly [name: string, cases: StoreCases])[] = [
  ['insert', insertCases],
  ['insert with a lease', leaseAtInsertCases],
  ['claim', claimCases],
  ['settle', settleCases],
  ['ordering keys', orderingCases],
  ['what an operator does', operatorCases],
  ['looking and forgetting', lookCases],
  ['invariants', invariantCases],
]

/** The promises of `DeliveryStore`, for every implementation. `makeStore` gives one that is empty. */
export function storeContract(makeStore: () => DeliveryStore | Promise<DeliveryStore>): readonly ContractCase[] {
  return chapters.flatMap(([chapter, cases]) =>
    Object.entries(cases).map(([name, run]) => ({
      name: `${chapter}: ${name}`,
      async run() {
        const store = await makeStore()
        try {
          await run(benchOn(store))
        } finally {
          await store.close()
        }
      },
    })),
  )
}
