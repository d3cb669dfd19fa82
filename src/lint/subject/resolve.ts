import type { JsonPointer, RuntimeExpression, Source } from '../../expression/index.ts'
import {
  type Content,
  type ContentVerdict,
  lookUpContent,
  type OpenApiDescription,
  type Operation,
  type Response,
  requestBodyOf,
  responsesOf,
  similarNames,
} from '../../openapi/index.ts'
import { requestParameter, traitsAt } from './request-parameter.ts'
import type { Resolution } from './resolution.ts'

/** Whose exchange an expression is evaluated in. */
export interface Scope {
  readonly operation: Operation
  /** Of a link: the response it belongs to. Otherwise every response after which a callback may be sent. */
  readonly response?: Response | undefined
}

export function resolve(expression: RuntimeExpression, scope: Scope): Resolution | undefined {
  switch (expression.kind) {
    case 'url':
    case 'method':
    case 'status-code':
      return { kind: 'own', of: expression.kind }
    case 'request':
      return inRequest(expression.source, scope.operation)
    case 'response':
      return inResponses(expression.source, scope)
    default:
      // The language of OpenAPI has no other expressions.
      return undefined
  }
}

function inRequest(source: Source, operation: Operation): Resolution | undefined {
  switch (source.kind) {
    case 'path-reference':
      return requestParameter(operation, 'path', source.name)
    case 'query-reference':
      return requestParameter(operation, 'query', source.name)
    case 'header-reference':
      return requestParameter(operation, 'header', source.raw)
    case 'body-reference': {
      const body = requestBodyOf(operation)
      if (body === undefined) return { kind: 'no-body', message: 'request' }
      if (body.failure !== undefined) return { kind: 'cannot-tell', why: 'unresolved-reference', detail: body.failure.ref }
      const found = inContents(operation.description, body.contents, source.pointer, 'request')
      return found.kind === 'found' && !body.required ? { ...found, required: false } : found
    }
    default:
      return undefined
  }
}

function inContents(
  description: OpenApiDescription,
  contents: readonly Content[],
  pointer: JsonPointer | undefined,
  message: 'request' | 'response',
): Resolution {
  const found = lookUpContent(description, contents, pointer?.tokens ?? [])
  if (found === undefined) return { kind: 'cannot-tell', why: 'no-content' }
  // A body that is text is a value as a whole.
  if (pointer === undefined && found.verdict.kind === 'cannot-tell') return { kind: 'found', required: true }
  return ofContent(found, pointer, message)
}

function ofContent(
  { verdict, mediaType }: ContentVerdict,
  pointer: JsonPointer | undefined,
  message: 'request' | 'response',
): Resolution {
  switch (verdict.kind) {
    case 'found':
      return { kind: 'found', required: verdict.required, traits: verdict }
    case 'cannot-tell':
      return { kind: 'cannot-tell', why: verdict.why, ...(verdict.detail === undefined ? {} : { detail: verdict.detail }) }
    case 'missing': {
      if (pointer === undefined) return { kind: 'cannot-tell', why: 'open-schema' }
      const { depth, token, parent, didYouMean } = verdict
      return { kind: 'missing', message, pointer, depth, token, parent, didYouMean, mediaType }
    }
  }
}

function inResponses(source: Source, { operation, response }: Scope): Resolution | undefined {
  switch (source.kind) {
    case 'path-reference':
      return { kind: 'impossible', what: 'path' }
    case 'query-reference':
      return { kind: 'impossible', what: 'query' }
    case 'header-reference':
    case 'body-reference': {
      const candidates = response === undefined ? responsesOf(operation).filter(isNoError) : [response]
      if (candidates.length === 0) return { kind: 'cannot-tell', why: 'no-content' }
      return best(candidates.map((one) => inResponse(source, one)))
    }
    default:
      return undefined
  }
}

/** What may come before a callback: not an error, though `default` may be anything. */
function isNoError({ status }: Response): boolean {
  return !/^[45]/.test(status)
}

function inResponse(source: Source, response: Response): Resolution {
  const { description } = response.operation
  if (response.failure !== undefined) return { kind: 'cannot-tell', why: 'unresolved-reference', detail: response.failure.ref }
  if (source.kind === 'header-reference') {
    const header = response.headers.find(({ name }) => name.toLowerCase() === source.name)
    if (header !== undefined) {
      const required = header.object?.value.required === true
      return { kind: 'found', required, ...traitsAt(description, header.schema) }
    }
    // OAS, Response Object: a declared Content-Type is ignored, the media type says it.
    if (source.name === 'content-type' && response.contents.length > 0) return { kind: 'found', required: true }
    const declared = response.headers.map(({ name }) => name)
    return { kind: 'undeclared', what: 'response-header', name: source.raw, didYouMean: similarNames(declared, source.name, 3) }
  }
  if (source.kind !== 'body-reference') return { kind: 'cannot-tell', why: 'no-content' }
  if (response.contents.length === 0) return { kind: 'no-body', message: 'response' }
  return inContents(description, response.contents, source.pointer, 'response')
}

/** Several responses: one that has the value is enough. */
function best(all: readonly Resolution[]): Resolution | undefined {
  const order: readonly Resolution['kind'][] = ['found', 'cannot-tell', 'missing', 'undeclared', 'no-body']
  return [...all].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))[0]
}
