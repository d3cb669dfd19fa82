import { newDelivery, type StoreCases } from './bench.ts'
import { equal } from './expectation.ts'

export const insertCases: StoreCases = {
  'stores what it was given, byte for byte': async ({ store }) => {
    equal(await store.insert([newDelivery('a', { orderingKey: 'k' })]), [true])
    equal(await store.get('a'), {
      delivery: { ...newDelivery('a', { orderingKey: 'k' }), state: 'pending', attempts: 0, attemptsBefore: 0 },
      attempts: [],
    })
  },

  'a request without a body stays without one': async ({ store }) => {
    const { body: _, ...request } = newDelivery('a').request
    await store.insert([newDelivery('a', { request })])
    equal((await store.get('a'))?.delivery.request, request)
  },

  'an id that is known is left alone, also within one call': async ({ store }) => {
    equal(await store.insert([newDelivery('a'), newDelivery('a', { dueAt: 1 }), newDelivery('b')]), [true, false, true])
    equal(await store.insert([newDelivery('b', { origin: 'https://other.example' })]), [false])
    equal((await store.get('b'))?.delivery.origin, 'https://a.example')
  },

  'text that looks like SQL or is not ASCII is only text': async ({ store }) => {
    const metadata = { "';--": '\u0000\u2603 "quoted"', __proto__x: 1 }
    await store.insert([newDelivery("x';DROP", { metadata, origin: "https://'a.example" })])
    equal((await store.get("x';DROP"))?.delivery.metadata, metadata)
  },
}
