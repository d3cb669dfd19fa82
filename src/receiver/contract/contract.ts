import type { PartialExchange } from '../../http/index.ts'
import type { Answer } from '../answer.ts'
import { fieldOf } from '../arrival.ts'
import type { CallOperation, CallValidation } from '../call.ts'
import type { CreateOptions } from '../create-options.ts'
import type { Decoded } from '../decode-content.ts'
import type { Method, ValidationError } from '../status.ts'
import { compareFillings, completed, leadsElsewhere, urlError } from './bound-exchange.ts'
import { type Candidate, candidatesOf } from './candidates.ts'
import { type BodyCheck, bodyCheckOf } from './check-body.ts'
import { type ParameterCheck, parameterCheckOf } from './check-parameters.ts'
import { invalidAnswer, successAnswer } from './documented-answer.ts'
import { type Filling, matchPath, matchQuery } from './match-shape.ts'
import { cookiePairs, rawPairs } from './read-parameter.ts'
import type { OpenApiOptions } from './target.ts'

/** What a description says about the requests of one endpoint. */
export interface Contract {
  readonly methods: readonly Method[]
  readonly rejects: boolean
  /** Of the operations at this path behind the URL; none: the description has no such path. */
  methodsAt(subPath: string): readonly Method[]
  /** The media types to ask for, when this one is none of them; else `undefined`. */
  refusedType(request: ContractRequest): readonly string[] | undefined
  /** Whether the body must be readable, since a schema applies to it. */
  mustRead(request: ContractRequest): boolean
  examine(request: ContractRequest): Verdict
  /** Throws a `TypeError` when the exchange does not lead to this endpoint. */
  bind(exchange: PartialExchange, leadsHere: (url: string) => boolean): void
}

export interface ContractRequest {
  readonly method: string
  readonly subPath: string
  /** As sent, without the question mark. */
  readonly rawQuery: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly length: number
  readonly decoded: Decoded
}

export interface Verdict {
  readonly operation: CallOperation
  readonly validation: CallValidation
  /** What the description says to such a call; `undefined`: nothing. */
  readonly answer: Answer | undefined
}

interface Entry extends Candidate {
  readonly body: BodyCheck
  readonly parameters: ParameterCheck
  readonly success: Answer | undefined
  readonly invalid: Answer | undefined
}

interface Matched {
  readonly entry: Entry
  readonly fillings: readonly Filling[]
}

/** A call tells that many errors at most. */
const maxErrors = 20

/**
 * Reads and compiles all that a description says about the calls of an endpoint. Throws a `TypeError` for a target that there is not,
 * `ContractError` and `SchemaInvalidError` for a description that cannot be used.
 */
export function contractOf(options: OpenApiOptions, { method, respond }: Pick<CreateOptions, 'method' | 'respond'>): Contract {
  const { onInvalid = 'reject' } = options
  if (onInvalid !== 'reject' && onInvalid !== 'report') {
    throw new TypeError(`Expected onInvalid to be reject or report but found ${JSON.stringify(onInvalid)}`)
  }
  const wanted = method === undefined ? undefined : [method].flat()
  const all = candidatesOf(options)
  const entries = all
    .filter((one) => wanted === undefined || wanted.includes(one.method))
    .map(
      (one): Entry => ({
        ...one,
        body: bodyCheckOf(one.operation),
        parameters: parameterCheckOf(one.operation),
        success: respond === undefined ? successAnswer(one.operation) : undefined,
        invalid: onInvalid === 'reject' ? invalidAnswer(one.operation) : undefined,
      }),
    )
  if (entries.length === 0) {
    throw new TypeError(
      `Expected one of the methods ${methodsOf(all).join(', ')} that the description has but found ${wanted?.join(', ')}`,
    )
  }
  let bound: PartialExchange | undefined
  let elsewhere: ReadonlyMap<Entry, string> = new Map()

  return {
    methods: methodsOf(entries),
    rejects: onInvalid === 'reject',
    methodsAt: (subPath) => methodsOf(entries.filter(({ shape }) => matchPath(shape, subPath) !== undefined)),

    refusedType(request) {
      if (request.length === 0) return undefined
      const found = at(request)
      const type = fieldOf(request.headers, 'content-type')
      if (found.some(({ entry }) => entry.body.accepts(type))) return undefined
      return [...new Set(found.flatMap(({ entry }) => entry.body.mediaTypes))]
    },

    mustRead(request) {
      const type = fieldOf(request.headers, 'content-type')
      return at(request).some(({ entry }) => entry.body.hasSchemaFor(type))
    },

    examine(request) {
      const found = at(request)
      const verdicts = found.map((one) => ({ one, findings: examined(one, request) }))
      const [best] = verdicts.sort((a, b) => a.findings.errors.length - b.findings.errors.length)
      if (best === undefined) throw new TypeError('Expected a request that methodsAt() allows')
      const { entry } = best.one
      const { errors, warnings } = best.findings
      const ok = errors.length === 0
      const { operationId } = entry.operation
      return {
        operation: {
          name: entry.name,
          expression: entry.expression,
          method: entry.method,
          ...(operationId === undefined ? {} : { operationId }),
          pointer: entry.pointer,
        },
        validation: { ok, errors: errors.slice(0, maxErrors), warnings: warnings.slice(0, maxErrors) },
        answer: ok || onInvalid === 'report' ? entry.success : entry.invalid,
      }
    },

    bind(given, leadsHere) {
      const exchange = completed(given)
      const reasons = new Map<Entry, string>()
      for (const entry of entries) {
        const reason = leadsElsewhere(entry, exchange, leadsHere)
        if (reason !== undefined) reasons.set(entry, reason)
      }
      if (reasons.size === entries.length) {
        throw new TypeError(
          `Expected an exchange that asks for calls at this endpoint but ${[...new Set(reasons.values())].join('; ')}`,
        )
      }
      bound = exchange
      elsewhere = reasons
    },
  }

  function at({ method, subPath }: ContractRequest): readonly Matched[] {
    return entries.flatMap((entry) => {
      const fillings = entry.method === method ? matchPath(entry.shape, subPath) : undefined
      return fillings === undefined ? [] : [{ entry, fillings }]
    })
  }

  function examined({ entry, fillings }: Matched, request: ContractRequest): Omit<CallValidation, 'ok'> {
    const query = rawPairs(request.rawQuery)
    const inQuery = matchQuery(entry.shape, query)
    const all = [...fillings, ...inQuery.fillings]
    const compared = bound === undefined ? undefined : compareFillings(all, bound, entry.expression)
    const headers = new Headers(request.headers as [string, string][])
    const path = new Map(all.flatMap(({ hole, value }) => (hole.kind === 'path-parameter' ? [[hole.name, value] as const] : [])))
    const body = entry.body.examine({
      contentType: fieldOf(request.headers, 'content-type'),
      length: request.length,
      decoded: request.decoded,
    })
    const errors: ValidationError[] = [
      // Why is for who binds the exchange: a sender is not told what others were asked.
      ...(elsewhere.has(entry) ? [urlError('is one that the exchange did not ask for')] : []),
      ...inQuery.missing.map((name) => urlError(`lacks the query parameter ${JSON.stringify(name)} as the callback key has it`)),
      ...(compared?.errors ?? []),
      ...entry.parameters({
        headers,
        query,
        rawQuery: request.rawQuery,
        cookies: cookiePairs(headers.get('cookie')),
        path,
      }),
      ...body.errors,
    ]
    return { errors, warnings: [...(compared?.warnings ?? []), ...body.warnings] }
  }
}

function methodsOf(candidates: readonly Candidate[]): readonly Method[] {
  return [...new Set(candidates.map(({ method }) => method))]
}
