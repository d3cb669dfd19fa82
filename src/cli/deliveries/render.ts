import type { Attempt, Delivery, StoredDelivery } from '../../dispatcher/index.ts'
import { systemClock } from '../../util/index.ts'
import { type Colors, printable, shown } from '../render-explanation.ts'
import { shownUrl } from '../store/redact.ts'
import { fieldsOf, recordOf, timeOf } from './record.ts'

/** One line: when it was enqueued, what has become of it, and where it goes. */
export function deliveryLine(delivery: Delivery, colors: Colors): string {
  const { id, attempts, request, metadata, unreadable, origin } = delivery
  const where = unreadable === undefined ? `${request.method} ${shownUrl(request.url)}` : `${origin} ${unreadable.code}`
  const callback = typeof metadata.callback === 'string' ? metadata.callback : ''
  const parts = [
    timeOf(delivery.createdAt),
    printable(id),
    stateText(delivery, colors),
    attempts === 1 ? '1 attempt' : `${attempts} attempts`,
    colors.cyan(printable(callback)),
    printable(where),
  ]
  return `${parts.filter((part) => part !== '').join('  ')}\n`
}

function stateText({ state, reason, dueAt }: Delivery, colors: Colors): string {
  if (state === 'delivered') return colors.green(state)
  if (state === 'dead') return colors.red(reason === undefined ? state : `${state} (${reason})`)
  if (state !== 'pending') return state
  return dueAt <= systemClock.now() ? 'pending, due now' : `pending until ${timeOf(dueAt)}`
}

export function renderDetails(stored: StoredDelivery, colors: Colors): string {
  const { delivery, attempts, unreadableAttempts } = stored
  const { request, metadata, unreadable } = delivery
  const lines = Object.entries(recordOf(delivery))
    .filter(([name, value]) => value !== undefined && name !== 'unreadable')
    .map(([name, value]) => `${colors.bold(name)}: ${typeof value === 'string' ? printable(value) : shown(value)}`)
  if (unreadable === undefined) {
    for (const [name, value] of fieldsOf(request.headers)) lines.push(`  ${printable(name)}: ${printable(value)}`)
    lines.push(`  (${request.body?.length ?? 0} bytes of content)`, `${colors.bold('metadata')}: ${shown(metadata)}`)
  } else {
    lines.push(colors.red(`${unreadable.code}: ${printable(unreadable.message)}`))
  }
  for (const attempt of attempts) lines.push('', ...attemptLines(attempt, colors))
  if (unreadableAttempts !== undefined) lines.push('', colors.red(`${unreadableAttempts} more attempts cannot be opened`))
  return `${lines.join('\n')}\n`
}

function attemptLines(attempt: Attempt, colors: Colors): string[] {
  const { n, startedAt, outcome, phase, sent, remoteAddress, timings, nextAt } = attempt
  const head = [
    colors.bold(`attempt ${n}`),
    timeOf(startedAt),
    outcomeText(attempt, colors),
    `phase ${phase}, sent ${sent}`,
    `${Math.round(timings.total)} ms`,
    remoteAddress ?? '',
  ]
  const lines = [head.filter((part) => part !== '').join('  ')]
  if (outcome.kind === 'response') {
    for (const [name, value] of fieldsOf(outcome.headers)) lines.push(`  ${printable(name)}: ${printable(value)}`)
    if (outcome.body.length > 0) lines.push(`  ${shown(Buffer.from(outcome.body).toString('utf8'))}`)
  }
  if (outcome.kind === 'refused') lines.push(`  ${printable(outcome.detail)}`)
  if (nextAt !== undefined) lines.push(`  next at ${timeOf(nextAt)}`)
  return lines
}

function outcomeText({ outcome }: Attempt, colors: Colors): string {
  switch (outcome.kind) {
    case 'response':
      return outcome.status >= 200 && outcome.status < 300 ? colors.green(`${outcome.status}`) : colors.red(`${outcome.status}`)
    case 'refused':
      return colors.red(`refused by the rule ${outcome.rule}: ${printable(outcome.message)}`)
    case 'unbuildable':
      return colors.red(printable(outcome.problem))
    case 'failed':
      return colors.red(`${outcome.cause} ${outcome.code}: ${printable(outcome.message)}`)
    case 'declined':
      return colors.red(`declined (${outcome.check}) with ${outcome.status}: ${printable(outcome.message)}`)
    case 'unknown':
      return colors.red('nobody knows how it ended')
  }
}
