import { type ExpressionUse, namedLikewise, type Resolution } from '../subject/index.ts'
import { didYouMean, type inUse, quoted, replaceEmbedded, wholeWith } from './support.ts'

/** The message for a parameter that is not declared, and what was probably meant. */
export function undeclared(
  use: ExpressionUse,
  { what, name, didYouMean: near }: Resolution & { kind: 'undeclared' },
): [message: string, more: Parameters<typeof inUse>[2]] {
  const { subject, expression } = use
  const { operation } = subject
  const where = operation === undefined ? 'the operation' : `${operation.method} ${operation.path}`
  const prefix = use.text.slice(0, use.text.length - ownName(use).length)
  const tail = beforeTail(use, name)
  const elsewhere = operation === undefined || expression.kind !== 'request' ? [] : namedLikewise(operation, name)
  const meant = tail !== undefined ? [tail] : near.length > 0 ? near.map((one) => prefix + one) : elsewhere
  const kind = {
    path: 'path parameter',
    query: 'query parameter',
    'request-header': 'header parameter',
    'response-header': 'response header',
  }[what]
  if (what === 'path' && operation?.kind === 'path' && operation.path.includes(`{${name}}`))
    return [
      `${where} has ${quoted(`{${name}}`)} in its path, but no Parameter Object declares it.`,
      { ...spanOfName(use), severity: 'warning' },
    ]
  const message = `${where} declares no ${kind} ${quoted(name)}.${didYouMean(meant)}`
  if (tail !== undefined) return [message, { ...spanOfName(use), ...replaceEmbedded(use, tail) }]
  return [message, { ...spanOfName(use), ...(meant[0] === undefined ? {} : { suggestion: wholeWith(use, meant[0]) }) }]
}

/** Where the name stands in an expression: all of the expression where it is empty. */
export function spanOfName(use: ExpressionUse): { readonly start?: number; readonly end?: number } {
  const { length } = ownName(use)
  return length === 0 ? {} : { start: use.text.length - length, end: use.text.length }
}

function ownName({ text }: ExpressionUse): string {
  return /^\$(?:request|response)\.(?:query|path|header)\.([\s\S]*)$/i.exec(text)?.[1] ?? ''
}

/** `$request.query.url/data`: the tail belongs to the URL, where the name before it is declared. */
function beforeTail(use: ExpressionUse, name: string): string | undefined {
  const slash = name.search(/[/?]/)
  const { operation } = use.subject
  if (slash < 1 || operation === undefined || use.subject.kind !== 'key') return undefined
  const head = name.slice(0, slash)
  const expression = use.text.slice(0, use.text.length - name.length) + head
  return namedLikewise(operation, head).includes(expression) ? `{${expression}}${name.slice(slash)}` : undefined
}
