import { evaluate, type RuntimeExpression, type Source } from '../../src/expression/index.ts'
import type { Exchange } from '../../src/http/index.ts'
import { similarNames } from '../../src/openapi/index.ts'

/** What the exchange has where an expression found nothing, the likeliest name first. `undefined`: nothing can be said. */
export function hintFor(expression: RuntimeExpression, exchange: Exchange): string | undefined {
  if (expression.kind !== 'request' && expression.kind !== 'response') return undefined
  const result = evaluate(expression, exchange)
  if (result.ok) return undefined
  const message = exchange[expression.kind]
  switch (result.error.reason) {
    case 'header-not-found':
      return among(`The ${expression.kind} has`, Object.keys(message?.headers ?? {}), result.error.name)
    case 'query-parameter-not-found':
      return among('The query has', Object.keys(exchange.request.query), result.error.name)
    case 'path-parameter-not-found':
      return among('The path has', Object.keys(exchange.request.path), result.error.name)
    case 'pointer-not-found': {
      const around = membersAt(expression.kind, expression.source, result.error.depth, exchange)
      return around && among('There is', around, result.error.token)
    }
    default:
      return undefined
  }
}

const most = 8

function among(start: string, names: readonly string[], wanted: string): string | undefined {
  const [likely] = similarNames(names, wanted, 1)
  if (likely !== undefined) return `${start} ${JSON.stringify(likely)}: did you mean that?`
  if (names.length === 0) return `${start} none at all.`
  const shown = names.slice(0, most).map((name) => JSON.stringify(name))
  return `${start} ${shown.join(', ')}${names.length > most ? ' …' : ''}.`
}

/** Names of the members of what the first tokens of a pointer lead to. */
function membersAt(
  message: 'request' | 'response',
  source: Source,
  depth: number,
  exchange: Exchange,
): readonly string[] | undefined {
  if (source.kind !== 'body-reference' || source.pointer === undefined) return undefined
  const pointer = { ...source.pointer, tokens: source.pointer.tokens.slice(0, depth) }
  const around = evaluate({ kind: message, source: { ...source, pointer }, span: source.span }, exchange)
  if (!around.ok || typeof around.value !== 'object' || around.value === null || Array.isArray(around.value)) return undefined
  return Object.keys(around.value)
}
