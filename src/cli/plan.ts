import { createHash } from 'node:crypto'
import {
  declaresParameter,
  isOrdinarySkip,
  type NoTarget,
  type RequestOptions,
  type RequestProblem,
  type ResolvedCallback,
  type ResolveOptions,
  resolveCallbacks,
  safeBuildCallbackRequest,
} from '../callback/index.ts'
import { type Explanation, explain } from '../expression/index.ts'
import type { CallbackRequest, PartialExchange } from '../http/index.ts'
import type { OpenApiDescription, Operation } from '../openapi/index.ts'
import type { Result } from '../util/index.ts'

/** One line of a plan: a callback, and what would be sent or why nothing is. */
export interface PlannedCallback extends ResolvedCallback {
  /** The key, part by part with its values. */
  readonly explanation: Explanation | undefined
  /** Absent when there is no target. */
  readonly request: Result<CallbackRequest, RequestProblem> | undefined
}

export interface PlanOptions {
  readonly resolve: ResolveOptions
  readonly request: Omit<RequestOptions, 'description'>
  /** Only this callback. */
  readonly callback?: string
}

/** What an exchange would set off. */
export function planCallbacks(
  description: OpenApiDescription,
  operation: Operation,
  exchange: PartialExchange,
  { resolve, request, callback }: PlanOptions,
): readonly PlannedCallback[] {
  const named = { ...exchange, id: exchange.id ?? idFor(exchange) }
  return resolveCallbacks(description, operation, named, resolve)
    .filter((one) => callback === undefined || one.callback === callback)
    .map((one) => ({
      ...one,
      explanation: explanationOf(one, named, resolve),
      request: requestFor(one, request, description),
    }))
}

/** Names of parameters that none of the callbacks declares. */
export function strangeParameters(planned: readonly PlannedCallback[], names: readonly string[]): readonly string[] {
  return names.filter((name) => !planned.some(({ operation }) => operation !== undefined && declaresParameter(operation, name)))
}

/** Whether there is nothing to complain of: something can be sent, or nothing has to be. */
export function isFine(planned: readonly PlannedCallback[]): boolean {
  const isBroken = ({ target, request }: PlannedCallback): boolean =>
    target.ok ? request?.ok === false && !isBodyUnknown(request.error) : !isOrdinarySkip(target.error)
  const isBad = ({ target }: PlannedCallback): boolean => !target.ok && isBadKey(target.error)
  return !planned.some(isBad) && (planned.length === 0 || !planned.every(isBroken))
}

/** Nobody said what to send, which is no fault of the document. */
function isBodyUnknown({ reason }: RequestProblem): boolean {
  return reason === 'body-missing' || reason === 'parameter-missing'
}

function isBadKey({ reason }: NoTarget): boolean {
  return reason === 'bad-syntax' || reason === 'broken-reference' || reason === 'never-resolves'
}

/** What is given for a parameter that another callback declares does not concern this one. */
function requestFor(
  { target, operation }: ResolvedCallback,
  { parameters = {}, ...options }: PlanOptions['request'],
  description: OpenApiDescription,
): Result<CallbackRequest, RequestProblem> | undefined {
  if (!target.ok || operation === undefined) return undefined
  const declared = Object.entries(parameters).filter(([name]) => declaresParameter(operation, name))
  return safeBuildCallbackRequest(target.value, { ...options, parameters: Object.fromEntries(declared), description })
}

function explanationOf(
  { key }: ResolvedCallback,
  exchange: PartialExchange,
  { params, multipartRoot, tail }: ResolveOptions,
): Explanation | undefined {
  if (key === undefined) return undefined
  return explain(key, {
    exchange,
    ...(params === undefined ? {} : { params: params as Record<string, string> }),
    interpolate: {
      encode: 'url',
      ...(typeof tail === 'string' ? { tail } : {}),
      ...(multipartRoot === undefined ? {} : { multipartRoot }),
    },
  })
}

/** The same exchange, the same ids. */
function idFor(exchange: PartialExchange): string {
  return createHash('sha256').update(JSON.stringify(exchange)).digest('hex').slice(0, 16)
}
