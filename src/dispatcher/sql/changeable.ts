import type { OperatorChange } from '../store.ts'

/** The states in which a delivery must be for it. */
export const changeable: Readonly<Record<OperatorChange, readonly string[]>> = {
  cancel: ['pending', 'held'],
  hold: ['pending'],
  resume: ['held'],
  requeue: ['delivered', 'dead', 'cancelled'],
  forget: ['delivered', 'dead', 'cancelled'],
  reschedule: ['pending'],
}
