import type { SealedTable } from '../../storage/index.ts'

/** The one field of the one row where a record may be opened. */
export const placeOf: {
  delivery(id: string): string
  attempt(id: string, n: number): string
  destination(id: string): string
  claim(deliveryId: string): string
} = {
  delivery: (id) => `delivery|${id}`,
  attempt: (id, n) => `attempt|${id}|${n}`,
  destination: (id) => `destination|${id}`,
  claim: (deliveryId) => `claim|${deliveryId}`,
}

export const sealedTables: readonly SealedTable[] = [
  { name: 'ringback_delivery', key: ['seq'], first: [0], fields: [['content', ({ id }) => placeOf.delivery(String(id))]] },
  {
    name: 'ringback_attempt',
    key: ['seq', 'n'],
    first: [0, 0],
    also: '(SELECT id FROM ringback_delivery WHERE ringback_delivery.seq = ringback_attempt.seq) AS id',
    fields: [['content', ({ id, n }) => placeOf.attempt(String(id), Number(n))]],
  },
  {
    name: 'ringback_destination',
    key: ['id'],
    first: [''],
    fields: [['secrets', ({ id }) => placeOf.destination(String(id))]],
  },
  {
    name: 'ringback_claim_check',
    key: ['delivery'],
    first: [''],
    fields: [['content', ({ delivery }) => placeOf.claim(String(delivery))]],
  },
]
