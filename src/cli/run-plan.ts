import pc from 'picocolors'
import type { Tail } from '../callback/index.ts'
import type { CallbackRequest, PartialExchange } from '../http/index.ts'
import { readDescription } from '../loading/index.ts'
import {
  callbacksOf,
  DocumentError,
  findOperation,
  type OpenApiDescription,
  type Operation,
  operationsWithCallbacks,
} from '../openapi/index.ts'
import { strictTextOf } from '../util/index.ts'
import type { CommandContext, Terminal } from './command.ts'
import { curlFor } from './curl.ts'
import { exitFailure, exitUnreadable } from './exit-codes.ts'
import { isFine, type PlannedCallback, planCallbacks, strangeParameters } from './plan.ts'
import { printable } from './render-explanation.ts'
import { renderPlan } from './render-plan.ts'

export interface PlanFlags {
  readonly operation: string
  readonly exchange: PartialExchange
  readonly callback?: string
  readonly body?: { readonly value: unknown }
  readonly example?: true
  readonly mediaType?: string
  readonly param: Readonly<Record<string, string>>
  readonly parameter: Readonly<Record<string, string>>
  readonly repair?: true
  readonly fanOut?: true
  readonly tail: Tail
  readonly multipartRoot?: string
  readonly curl?: true
  readonly json?: true
}

/** `ringback plan`, once its arguments are understood. `misuse` tells of wrong ones and does not come back. */
export async function runPlan(
  document: string,
  flags: PlanFlags,
  context: CommandContext,
  misuse: (message: string) => never,
): Promise<void> {
  const description = await readOrReport(document, context)
  if (description === undefined) return context.exitWith(exitUnreadable)
  const operation = findOperation(description, flags.operation)
  if (!operation.ok) return misuse(printable(`error: ${operation.error.message} ${operationsWithCallbacks(description)}`))
  const planned = planCallbacks(description, operation.value, flags.exchange, planOptions(flags))
  if (flags.callback !== undefined && planned.length === 0) {
    const names = [...new Set(callbacksOf(operation.value).map(({ name }) => name))]
    const there = names.length === 0 ? operationsWithCallbacks(description) : `Its callbacks: ${names.join(', ')}.`
    return misuse(printable(`error: ${flags.operation} has no callback ${JSON.stringify(flags.callback)}. ${there}`))
  }
  const [strange] = strangeParameters(planned, Object.keys(flags.parameter))
  if (strange !== undefined) return misuse(`error: no callback declares the parameter ${JSON.stringify(strange)}.`)
  if (planned.length === 0) context.stderr(`${printable(operationsWithCallbacks(description))}\n`)
  context.stdout(output(nameOf(operation.value), flags, planned))
  if (!isFine(planned)) context.exitWith(exitFailure)
}

async function readOrReport(document: string, { stderr }: Terminal): Promise<OpenApiDescription | undefined> {
  try {
    return await readDescription(document)
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error
    stderr(`${error.code}: ${error.message}\n`)
    return undefined
  }
}

function planOptions(flags: PlanFlags): Parameters<typeof planCallbacks>[3] {
  const { body, example, mediaType, param, parameter, repair, fanOut, tail, multipartRoot, callback } = flags
  return {
    resolve: {
      params: param,
      tail,
      repair: repair === true,
      fanOut: fanOut === true,
      ...(multipartRoot === undefined ? {} : { multipartRoot }),
    },
    request: {
      parameters: parameter,
      example: example === true,
      ...(body === undefined ? {} : { body: body.value }),
      ...(mediaType === undefined ? {} : { mediaType }),
    },
    ...(callback === undefined ? {} : { callback }),
  }
}

function nameOf({ operationId, method, path }: Operation): string {
  return operationId ?? `${method} ${path}`
}

function output(operation: string, { curl, json }: PlanFlags, planned: readonly PlannedCallback[]): string {
  if (json === true)
    return `${JSON.stringify(
      planned.map((one) => jsonFor(operation, one)),
      null,
      2,
    )}\n`
  if (curl !== true) return renderPlan(operation, planned, pc)
  return planned.map((one) => `${curlLine(one)}\n`).join('')
}

function curlLine({ callback, target, request }: PlannedCallback): string {
  if (request?.ok) return curlFor(request.value)
  const why = target.ok ? request?.error.message : target.error.message
  return `# ${callback}: ${why}`.replaceAll(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, ' ')
}

function jsonFor(operation: string, { callback, key, method, target, request }: PlannedCallback): object {
  return {
    operation,
    callback,
    expression: key,
    method,
    target: target.ok ? { ok: true, url: target.value.url } : { ok: false, ...target.error },
    ...(request === undefined ? {} : request.ok ? { request: jsonRequest(request.value) } : { problem: request.error }),
  }
}

/** The body as text or, where it is none, as Base64. */
function jsonRequest({ body, ...request }: CallbackRequest): object {
  if (body === undefined) return request
  const text = strictTextOf(body)
  return text === undefined ? { ...request, bodyBase64: Buffer.from(body).toString('base64') } : { ...request, body: text }
}
