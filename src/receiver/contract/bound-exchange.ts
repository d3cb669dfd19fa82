import { describeUnresolved, evaluate } from '../../expression/index.ts'
import type { Parameters, PartialExchange } from '../../http/index.ts'
import { redactUrl } from '../redact.ts'
import type { ValidationError } from '../status.ts'
import type { Candidate } from './candidates.ts'
import type { Filling } from './match-shape.ts'

/** An exchange as it is given: the query is read from the URL where it is not given by itself. */
export function completed(exchange: PartialExchange): PartialExchange {
  const { request } = exchange
  if (request?.url === undefined || request.query !== undefined) return exchange
  const mark = request.url.indexOf('?')
  const search = mark === -1 ? '' : request.url.slice(mark + 1).replace(/#.*$/s, '')
  const query = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(search)) query.set(name, [...(query.get(name) ?? []), value])
  const parameters: Parameters = Object.fromEntries([...query].map(([name, all]) => [name, all.length === 1 ? all[0] : all]))
  return { ...exchange, request: { ...request, query: parameters } }
}

/** Why an exchange does not lead to the endpoint; `undefined` where it does, or where the key leaves it open. */
export function leadsElsewhere(
  { shape, expression }: Candidate,
  exchange: PartialExchange,
  leadsHere: (url: string) => boolean,
): string | undefined {
  if (shape.base.kind !== 'expression') return undefined
  const { text } = shape.base
  const found = evaluate(shape.base.expression, exchange)
  if (!found.ok)
    return `${text} of the callback key ${JSON.stringify(expression)} has no value: ${describeUnresolved(found.error)}`
  if (typeof found.value === 'string' && leadsHere(found.value)) return undefined
  const shown =
    typeof found.value === 'string' ? redactUrl(found.value.replace(/[?#].*$/s, '')).slice(0, 200) : typeof found.value
  return `${text} of the callback key ${JSON.stringify(expression)} is ${JSON.stringify(shown)}, which is not the URL of this endpoint`
}

/** Compares what a URL has where the key has expressions with what these are worth. A value that is not known is a warning. */
export function compareFillings(
  fillings: readonly Filling[],
  exchange: PartialExchange,
  key: string,
): { readonly errors: readonly ValidationError[]; readonly warnings: readonly ValidationError[] } {
  const errors: ValidationError[] = []
  const warnings: ValidationError[] = []
  for (const { hole, value } of fillings) {
    if (hole.kind === 'path-parameter') continue
    const written = key.slice(hole.span.start, hole.span.end)
    const expected = evaluate(hole.expression, exchange)
    if (!expected.ok) warnings.push(urlError(`cannot be compared with ${written}: ${describeUnresolved(expected.error)}`))
    else if (typeof expected.value === 'object') warnings.push(urlError(`cannot be compared with ${written}, which is no scalar`))
    else if (String(expected.value) !== value) errors.push(urlError(`has another value than ${written}`))
  }
  return { errors, warnings }
}

export function urlError(message: string): ValidationError {
  return { in: 'url', pointer: '', schemaPointer: '#', message }
}
