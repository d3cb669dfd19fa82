import { isDeepStrictEqual } from 'node:util'
import { describeTemplateFailure, describeUnresolved, evaluate, interpolate, safeParseTemplate } from '../expression/index.ts'
import type { PartialExchange } from '../http/index.ts'
import type { Call, CallbackEndpoint, Method } from '../receiver/index.ts'
import { checkNames, type Duration, milliseconds, type OptionRules, systemClock } from '../util/index.ts'
import { explainMiss, lineOf, problemsOf, wordsForCallback } from './explain-miss.ts'
import { type CallbackOf, type CandidateRequest, requestProblems } from './request-problems.ts'

/** What a matcher says: Vitest, Jest and Playwright take it as it is. */
export interface Verdict {
  readonly pass: boolean
  /** Why it fails; for the opposite expectation, when it passes. */
  readonly message: () => string
}

export interface ReceivedCallback {
  /** The name of the callback. Default: any. */
  readonly callback?: string
  readonly method?: Method
  readonly where?: (call: Call) => boolean
  /** How long to wait for it. Default: not at all. */
  readonly timeout?: Duration
}

const wantedRules: OptionRules<ReceivedCallback> = { callback: 'string', method: 'string', where: 'function', timeout: true }
const lookEveryMs = 10

/** Whether an expression, or a callback key, is worth that in an exchange. The value of a bare expression keeps its type. */
export function resolvesTo(text: unknown, expected: unknown, exchange: PartialExchange): Verdict {
  const found = worthOf(text, exchange)
  if (!found.ok) return verdict(false, `Expected ${shown(text)} to resolve to ${shown(expected)} but ${found.why}`)
  const pass = isDeepStrictEqual(found.value, expected)
  const not = pass ? 'not to' : 'to'
  return verdict(pass, `Expected ${shown(text)} ${not} resolve to ${shown(expected)} but found ${shown(found.value)}`)
}

/** Whether a request is a callback of the operation: method, URL, required parameters, media type, and body by its schema. */
export function isCallbackOf(request: CandidateRequest, wanted: CallbackOf): Verdict {
  const problems = requestProblems(request, wanted)
  const what = `${request.method} ${request.url}`
  const name = `${wordsForCallback(wanted.callback)} of ${wanted.operation}`
  if (problems.length === 0) return verdict(true, `Expected ${what} not to be ${name} but it is.`)
  return verdict(false, [`Expected ${what} to be ${name} but it is not:`, ...problems.map((one) => `  ${one}`)].join('\n'))
}

/** Whether such a call has come to an endpoint, and fits the description of the endpoint. Takes no call away from `next()`. */
export async function hasReceivedCallback(endpoint: CallbackEndpoint, wanted: ReceivedCallback = {}): Promise<Verdict> {
  checkNames(wanted, wantedRules, 'the options of toHaveReceivedCallback()')
  const { callback, method, where = () => true, timeout = 0 } = wanted
  const until = systemClock.now() + milliseconds(timeout, 'timeout')
  const fits = (call: Call): boolean =>
    (callback === undefined || call.operation?.name === callback) &&
    (method === undefined || call.method === method) &&
    problemsOf(call).length === 0 &&
    where(call)
  let found = (await endpoint.calls()).find(fits)
  while (found === undefined && systemClock.now() < until) {
    await new Promise<void>((resolve) => systemClock.setTimeout(resolve, lookEveryMs))
    found = (await endpoint.calls()).find(fits)
  }
  const what = `${method === undefined ? '' : `${method} for `}${wordsForCallback(callback)}`
  if (found !== undefined) return verdict(true, `Expected no call of ${what} but found ${lineOf(found)}`)
  return verdict(false, await explainMiss(endpoint, `${what}${timeout === 0 ? '' : ` within ${timeout}`}`))
}

type Found = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string }

function worthOf(text: unknown, exchange: PartialExchange): Found {
  if (typeof text !== 'string') return { ok: false, why: `it is no text but ${typeof text}.` }
  const template = safeParseTemplate(text)
  if (!template.ok) return { ok: false, why: `it cannot be parsed: ${template.error.message}` }
  const [part] = template.value.parts
  if (template.value.bare && part?.kind === 'embedded-expression') {
    const result = evaluate(part.expression, exchange)
    return result.ok ? result : { ok: false, why: `it has no value: ${describeUnresolved(result.error)}` }
  }
  const result = interpolate(template.value, exchange, { encode: 'url' })
  return result.ok ? result : { ok: false, why: `it has no value: ${describeTemplateFailure(result.error)}` }
}

function verdict(pass: boolean, message: string): Verdict {
  return { pass, message: () => message }
}

function shown(value: unknown): string {
  return value === undefined ? 'undefined' : (JSON.stringify(value) ?? String(value))
}
