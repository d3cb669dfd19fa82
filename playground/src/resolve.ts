import { isOrdinarySkip, type NoTarget, type ResolvedCallback, resolveCallbacks } from '../../src/callback/index.ts'
import { type Explanation, explain, safeParseTemplate } from '../../src/expression/index.ts'
import type { Exchange } from '../../src/http/index.ts'
import type { Problem } from '../../src/lint/index.ts'
import {
  type CallbackKey,
  callbacksOf,
  everyBasePath,
  keyRangeOf,
  matchOperation,
  type OpenApiDescription,
  type Operation,
  rangeInKey,
  type SourceRange,
} from '../../src/openapi/index.ts'
import { nameOf } from './document-session.ts'
import { exchangeFrom } from './exchange.ts'
import { hintFor } from './hint.ts'
import { originOf } from './origin.ts'
import { partValue, shownValue } from './part-value.ts'
import type { CallbackReport, ExchangeReport, Fault, NotSent, Outcome, PartReport, Place } from './report.ts'
import { segmentsOf } from './segments.ts'
import type { ExchangeFields } from './state.ts'

export interface Known {
  readonly description: OpenApiDescription | undefined
  /** Places in the description are not places in the text that is shown. */
  readonly stale: boolean
  readonly problems: readonly Problem[]
}

/** What an exchange sets off: the operation that it matches, and where each of its callbacks goes. */
export function resolveExchange({ description, stale, problems }: Known, fields: ExchangeFields): ExchangeReport {
  const { exchange: typed, problems: fieldProblems } = exchangeFrom(fields)
  const { method, url } = typed.request
  const match = description === undefined || url === '' ? undefined : matchOperation(description, method, url)
  if (description === undefined || match === undefined) {
    const basePath = description === undefined || url === '' ? undefined : missingBasePath(description, method, url)
    return { fieldProblems, operation: undefined, ...(basePath === undefined ? {} : { basePath }), callbacks: [] }
  }
  const { operation } = match
  const exchange: Exchange = { ...typed, request: { ...typed.request, path: match.pathParameters } }
  const context: Context = { operation, exchange, problems: stale ? [] : problems, stale }
  return {
    fieldProblems,
    operation: { name: nameOf(operation), method: operation.method, path: operation.path },
    // An array where a URL is expected shows where each of its items would lead.
    callbacks: resolveCallbacks(description, operation, exchange, { fanOut: true }).map((one) => reportOf(one, context)),
  }
}

/** What has to stand in front of the path of a URL that it matches an operation. */
function missingBasePath(description: OpenApiDescription, method: string, url: string): string | undefined {
  const [, origin = '', path = ''] = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)?(.*)$/is.exec(url) ?? []
  return everyBasePath(description).find((base) => {
    // Any segment will do for a variable.
    const tried = `${origin}${base.replace(/\{[^{}]*\}/g, '-')}${path}`
    return base !== '' && matchOperation(description, method, tried) !== undefined
  })
}

interface Context {
  readonly operation: Operation
  readonly exchange: Exchange
  readonly problems: readonly Problem[]
  readonly stale: boolean
}

function reportOf(resolved: ResolvedCallback, context: Context): CallbackReport {
  const { callback, key, method, target } = resolved
  const { exchange, operation, stale } = context
  const written = callbacksOf(operation).find(({ name }) => name === callback)
  const at = key === undefined ? undefined : written?.keys.find((one) => one.key === key)
  const explanation = key === undefined ? undefined : explain(key, { exchange, interpolate: { encode: 'url' } })
  const place = stale ? undefined : placeOf((at ?? written) && keyRangeOf((at ?? written)?.at ?? operation.at))
  // Of a broken key only guesses are known.
  const parts = explanation?.valid === true ? partsOf(explanation) : []
  const outcome: Outcome = target.ok
    ? { kind: 'resolved', url: target.value.url, segments: segmentsFor(target.value.url, explanation) }
    : notSent(target.error, at, explanation, context)
  return { callback, place, key, method, parts, outcome }
}

function nodesOf(key: string): ReadonlyMap<number, Parameters<typeof originOf>[0]> {
  const template = safeParseTemplate(key)
  const partial = template.ok ? template.value : template.error.partial
  return new Map(partial?.kind === 'expression-template' ? partial.parts.map((part) => [part.span.start, part]) : [])
}

function partsOf({ text, parts }: Explanation): readonly PartReport[] {
  const nodes = nodesOf(text)
  return parts.map(({ text, span, words, result }) => {
    const node = nodes.get(span.start)
    return {
      text,
      origin: node === undefined ? 'nowhere' : originOf(node),
      words,
      // What a `{name}` of the key became is seen in the URL: its value may come from the document.
      ...(result === undefined || node?.kind === 'path-parameter'
        ? {}
        : result.ok
          ? { value: shownValue(result.value) }
          : { missing: result.error }),
    }
  })
}

function segmentsFor(url: string, explanation: Explanation | undefined): ReturnType<typeof segmentsOf> {
  if (explanation === undefined) return [{ text: url, origin: 'mixed' }]
  const nodes = nodesOf(explanation.text)
  return segmentsOf(
    url,
    explanation.parts.map((part) => partValue(part, nodes.get(part.span.start))),
  )
}

function notSent(error: NoTarget, at: CallbackKey | undefined, explanation: Explanation | undefined, context: Context): NotSent {
  const findings = findingsAt(at, context)
  // An absent value is ordinary, unless the document could have told that it is always absent.
  const ordinary = isOrdinarySkip(error) && !findings.some(({ severity }) => severity === 'error')
  const head = { kind: 'not-sent', ordinary, reason: error.reason } as const
  const placeIn = (start: number, end: number): Pick<Fault, 'place'> => {
    const place = at === undefined || context.stale ? undefined : placeOf(rangeInKey(at.at, start, end))
    return place === undefined ? {} : { place }
  }
  if (error.reason === 'bad-syntax') {
    const faults = error.problems.map(({ message, span }): Fault => ({ message, span, ...placeIn(span.start, span.end) }))
    const { repair } = error
    const editedPart = (): Pick<Fault, 'span' | 'place'> => {
      const [first, last] = [repair?.edits[0], repair?.edits.at(-1)]
      if (first === undefined || last === undefined) return {}
      const span = { start: first.span.start, end: last.span.end }
      return { span, ...placeIn(span.start, span.end) }
    }
    return {
      ...head,
      faults: faults.length > 0 ? faults : [{ message: error.message.replace(/ Did you mean .*$/s, ''), ...editedPart() }],
      ...(repair === undefined ? {} : { didYouMean: repair.text, ...fixFor(findings) }),
    }
  }
  const { message, part = '' } = error
  const written =
    explanation?.parts.find(({ text }) => part !== '' && text === part) ??
    (error.reason === 'needs-response' ? explanation?.parts.find(({ result }) => result?.ok === false) : undefined)
  const node = written && explanation && nodesOf(explanation.text).get(written.span.start)
  const hint = node?.kind === 'embedded-expression' ? hintFor(node.expression, context.exchange) : undefined
  const fault: Fault = {
    message,
    ...(written === undefined ? {} : { span: written.span, ...placeIn(written.span.start, written.span.end) }),
    ...(hint === undefined ? {} : { hint }),
  }
  const meant = findings.find(({ suggestion }) => suggestion !== undefined)
  return {
    ...head,
    faults: [fault],
    ...(meant?.suggestion === undefined ? {} : { didYouMean: meant.suggestion }),
    ...(meant === undefined ? {} : fixFor(findings)),
  }
}

function findingsAt(at: CallbackKey | undefined, { problems }: Context): readonly Problem[] {
  return at === undefined ? [] : problems.filter(({ pointer, key }) => pointer === at.at.pointer && key === at.key)
}

function fixFor(findings: readonly Problem[]): Pick<NotSent, 'fix'> {
  const fix = findings.find((one) => one.fix !== undefined)?.fix
  return fix === undefined ? {} : { fix }
}

function placeOf(range: SourceRange | undefined): Place | undefined {
  return (
    range && {
      from: range.start.offset,
      to: range.end.offset,
      line: range.start.line,
      column: range.start.column,
    }
  )
}
