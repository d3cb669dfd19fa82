import type { Unfetched } from './claim-check.ts'
import { errorName } from './error-name.ts'
import type { CallbackStatus, Rejection } from './status.ts'

const mostShown = 10

/** Why a wait failed, in the order in which one would look: what was awaited, what came and was refused, what went past. */
export function timeoutReport(
  status: CallbackStatus,
  rejections: readonly Rejection[],
  more: { afterMs: number; unknown: number; wanted: string; unfetched?: Unfetched | undefined },
): string {
  const { afterMs, unknown, wanted, unfetched } = more
  const lines = [
    `${wanted} on ${status.methods.join('|')} callback ${status.id} (${status.state}, ${status.stored} unread) within ${Math.round(afterMs)} ms.`,
  ]
  if (unfetched !== undefined) {
    const { tries, error } = unfetched
    const why = error === undefined ? 'the last had not ended' : `${errorName(error)}, error.claimError has it`
    lines.push(`A call came, but claimCheck.fetch did not give its payload (${tries} ${tries === 1 ? 'try' : 'tries'}; ${why}).`)
  }
  if (status.rejected > 0) {
    const shown = rejections.slice(-mostShown)
    const left = status.rejected - shown.length
    lines.push(`${count(status.rejected, 'request')} refused${left > 0 ? `; the last ${shown.length}` : ''}:`)
    for (const { at, method, status, code, detail } of shown) {
      lines.push(`  ${at.toISOString().slice(11, 23)} ${method} ${status} ${code.padEnd(11)} ${detail}`)
    }
  }
  if (unknown > 0) lines.push(`${count(unknown, 'request', false)} hit unknown callbacks of this receiver.`)
  return lines.join('\n')
}

function count(n: number, noun: string, verb = true): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}${verb ? (n === 1 ? ' was' : ' were') : ''}`
}
