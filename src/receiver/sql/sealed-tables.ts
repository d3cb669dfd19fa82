import type { SealedTable } from '../../storage/index.ts'
import { placeOf } from '../places.ts'

export const sealedTables: readonly SealedTable[] = [
  { name: 'ringback_endpoint', key: ['id'], first: [''], fields: [['sealed', ({ id }) => placeOf.endpoint(String(id))]] },
  {
    name: 'ringback_call',
    key: ['endpoint_id', 'seq'],
    first: ['', 0],
    fields: [
      ['sealed', ({ endpoint_id, call_id }) => placeOf.call(String(endpoint_id), String(call_id))],
      ['reply', ({ endpoint_id, call_id }) => placeOf.reply(String(endpoint_id), String(call_id))],
    ],
  },
  {
    name: 'ringback_rejection',
    key: ['endpoint_id', 'n'],
    first: ['', 0],
    fields: [['sealed', ({ endpoint_id }) => placeOf.rejection(String(endpoint_id))]],
  },
]
