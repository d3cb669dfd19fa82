import { isOrdinarySkip } from '../callback/index.ts'
import { type CallbackRequest, fieldLines } from '../http/index.ts'
import { strictTextOf } from '../util/index.ts'
import type { PlannedCallback } from './plan.ts'
import { type Colors, printable, shown } from './render-explanation.ts'

/** A plan for people: for each callback the key, what each part of it is worth, and the request or why there is none. */
export function renderPlan(operation: string, planned: readonly PlannedCallback[], colors: Colors): string {
  if (planned.length === 0) return `${printable(operation)} has no callbacks.\n`
  const blocks = planned.map((one) => blockFor(one, colors).join('\n'))
  return `${blocks.join('\n\n')}\n`
}

function blockFor({ callback, key, method, explanation, target, request }: PlannedCallback, colors: Colors): string[] {
  const lines = [`${colors.bold(printable(callback))}  ${printable(method ?? '')} ${colors.cyan(printable(key ?? ''))}`]
  for (const part of explanation?.parts ?? []) {
    if (part.result === undefined) continue
    const value = part.result.ok ? `= ${colors.green(shown(part.result.value))}` : colors.red(`no value: ${part.result.error}`)
    lines.push(`  ${printable(part.text)} ${value}  ${colors.dim(printable(part.words))}`)
  }
  if (!target.ok) {
    const { error } = target
    const word = isOrdinarySkip(error) ? colors.dim('not sent') : colors.red('not sent')
    lines.push(`  ${word} (${error.reason}): ${printable(error.message)}`)
    return lines
  }
  lines.push(`  ${colors.bold('→')} ${colors.green(printable(target.value.url))}`)
  if (request === undefined) return lines
  if (!request.ok) {
    const { reason, message } = request.error
    const hint = reason === 'body-missing' ? ' Give one with --body, or take that of the document with --example.' : ''
    return [...lines, `  ${colors.red('no request')} (${reason}): ${printable(message)}${hint}`]
  }
  return [...lines, '', ...requestLines(request.value).map((line) => (line === '' ? '' : `    ${line}`))]
}

function requestLines({ method, url, headers, body, metadata }: CallbackRequest): string[] {
  const lines = [`${printable(method)} ${printable(url)}`]
  for (const name of Object.keys(headers))
    for (const line of fieldLines(headers, name)) lines.push(`${printable(name)}: ${printable(line)}`)
  const { credentials } = metadata ?? {}
  if (Array.isArray(credentials)) {
    for (const use of credentials as readonly { readonly name: string; readonly kind: string }[]) {
      lines.push(`(with the credential ${printable(use.name)}, ${printable(use.kind)})`)
    }
  }
  if (body === undefined) return lines
  const text = strictTextOf(body)
  return [...lines, '', ...(text === undefined ? [`(${body.length} bytes)`] : text.split(/\r?\n/).map(printable))]
}
