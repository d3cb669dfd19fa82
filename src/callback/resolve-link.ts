import {
  describeTemplateFailure,
  describeUnresolved,
  type EvaluateOptions,
  evaluate,
  interpolate,
  readLinkValue,
} from '../expression/index.ts'
import type { PartialExchange } from '../http/index.ts'
import {
  child,
  findOperation,
  isRecord,
  type Link,
  type Located,
  type OpenApiDescription,
  type Operation,
  operationByReference,
  operationElsewhere,
  type ParameterLocation,
  parametersOf,
  type ServerObject,
} from '../openapi/index.ts'
import { err, ok, type Result } from '../util/index.ts'
import { serverUrl } from './own-server.ts'

/** The next call that a link proposes. */
export interface ResolvedLink {
  readonly operation: Operation
  /** By location, then by name. */
  readonly parameters: Readonly<Partial<Record<ParameterLocation, Readonly<Record<string, unknown>>>>>
  /** Absent when the link gives none, or its expression has no value. */
  readonly body?: { readonly value: unknown }
  /** The URL of the server that the link names. Default: that of the operation. */
  readonly server?: string
  /** What the link gives and is not passed, and why. */
  readonly dropped: readonly DroppedValue[]
}

export interface DroppedValue {
  /** The name in the link, or `requestBody`. */
  readonly name: string
  readonly reason: 'no-value' | 'not-declared'
  readonly message: string
}

export interface LinkProblem {
  readonly reason: 'broken-reference' | 'no-operation'
  readonly message: string
}

/**
 * What a link says about the next call, in an exchange that has the response it belongs to (OAS 3, Link Object). An expression without a
 * value is no error: its parameter is not passed.
 */
export function resolveLink(
  description: OpenApiDescription,
  link: Link,
  exchange: PartialExchange,
  options: EvaluateOptions = {},
): Result<ResolvedLink, LinkProblem> {
  if (link.object === undefined) {
    return err({ reason: 'broken-reference', message: link.failure?.message ?? 'The reference of the link cannot be followed.' })
  }
  const operation = operationOf(description, link.object)
  if (!operation.ok) return operation
  const dropped: DroppedValue[] = []
  const valueFor = (name: string, written: unknown): { readonly value: unknown } | undefined => {
    const value = linkValue(written, exchange, options)
    if (value.ok) return value
    dropped.push({ name, reason: 'no-value', message: value.error })
    return undefined
  }
  const parameters = parametersFor(link.object, operation.value, valueFor, dropped)
  const written = child(link.object, 'requestBody')
  const body = written && valueFor('requestBody', written.value)
  const server = child(link.object, 'server')
  const url = server && isRecord(server.value) ? serverUrl(server as Located<ServerObject>) : undefined
  return ok({
    operation: operation.value,
    parameters,
    ...(body === undefined ? {} : { body: { value: body.value } }),
    ...(url === undefined ? {} : { server: url }),
    dropped,
  })
}

function operationOf(description: OpenApiDescription, link: Located): Result<Operation, LinkProblem> {
  const ref = child(link, 'operationRef')?.value
  if (typeof ref === 'string') {
    const found = operationByReference(description, link, ref)
    if (found !== undefined) return ok(found)
    const target = description.follow(link, ref)
    return target.ok
      ? err({ reason: 'no-operation', message: `${JSON.stringify(ref)} leads to something that is no operation.` })
      : err({ reason: 'broken-reference', message: target.error.message })
  }
  const id = child(link, 'operationId')?.value
  if (typeof id !== 'string') {
    return err({ reason: 'no-operation', message: 'Expected "operationId" or "operationRef" in the link but found neither.' })
  }
  const found = findOperation(description, id)
  if (found.ok && found.value.operationId === id) return found
  const other = operationElsewhere(description, id)
  if (other !== undefined) return ok(other)
  const hint =
    found.ok || found.error.didYouMean[0] === undefined ? '' : ` Did you mean ${JSON.stringify(found.error.didYouMean[0])}?`
  return err({ reason: 'no-operation', message: `No operation has the operationId ${JSON.stringify(id)}.${hint}` })
}

function linkValue(
  written: unknown,
  exchange: PartialExchange,
  options: EvaluateOptions,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string } {
  const read = readLinkValue(written)
  switch (read.kind) {
    case 'constant':
      return ok(read.value)
    case 'expression': {
      const value = evaluate(read.expression, exchange, options)
      return value.ok ? value : err(describeUnresolved(value.error))
    }
    case 'template': {
      const text = interpolate(read.template, exchange, options)
      return text.ok ? text : err(describeTemplateFailure(text.error))
    }
  }
}

function parametersFor(
  link: Located,
  operation: Operation,
  valueFor: (name: string, written: unknown) => { readonly value: unknown } | undefined,
  dropped: DroppedValue[],
): ResolvedLink['parameters'] {
  const declared = parametersOf(operation).parameters
  const values: Partial<Record<ParameterLocation, Record<string, unknown>>> = {}
  const written = child(link, 'parameters')
  for (const [name, text] of Object.entries(written && isRecord(written.value) ? written.value : {})) {
    const found = declared.find((one) => one.name === name) ?? declared.find((one) => `${one.in}.${one.name}` === name)
    // A path parameter or header may be declared nowhere but in the link: its place is spelled then.
    const [, place, bare = ''] = /^(path|query|header|cookie)\.(.+)$/s.exec(name) ?? []
    const location = found?.in ?? (place as ParameterLocation | undefined)
    if (location === undefined) {
      const message = `${operation.operationId ?? `${operation.method} ${operation.path}`} declares no parameter ${JSON.stringify(name)}.`
      dropped.push({ name, reason: 'not-declared', message })
      continue
    }
    const value = valueFor(name, text)
    if (value === undefined) continue
    const record: Record<string, unknown> = values[location] ?? Object.create(null)
    record[found?.name ?? bare] = value.value
    values[location] = record
  }
  return values
}
