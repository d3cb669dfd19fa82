import { type DeliveryStore, memoryStore } from 'ringback/dispatcher'
import { deferred } from './wait.ts'
import { durable } from './wire-contract.ts'

/** A durable store whose insertions wait for a gate. */
export function gatedStore(): { readonly store: DeliveryStore; readonly asked: Promise<void>; open(): void } {
  const inner = durable(memoryStore())
  const [asked, gate] = [deferred<void>(), deferred<void>()]
  const store: DeliveryStore = {
    ...inner,
    async insert(deliveries, leases) {
      asked.resolve()
      await gate.promise
      return inner.insert(deliveries, leases)
    },
  }
  return { store, asked: asked.promise, open: () => gate.resolve() }
}
