import type { PartialExchange } from 'ringback'
import { ok, type Result } from '../../src/util/index.ts'
import { install } from './install.ts'
import { type Evaluation, isOas, isPlain, type Peer } from './peer.ts'

// Later releases ask for a Node that is newer than the oldest one we support.
const version = '5.12.0'

interface PrismModule {
  resolveRuntimeExpression(text: string, request: object, response: object): { _tag: 'Some'; value: unknown } | { _tag: 'None' }
  resolveRuntimeExpressions(text: string, request: object, response: object): string
}

/** The resolver inside Prism's mock server: it has no parser, and evaluates OAS expressions and callback keys. */
export interface Prism {
  expression(text: string, exchange: PrismExchange): Evaluation
  template(text: string, exchange: PrismExchange): string
}

export interface PrismExchange {
  readonly request: object
  readonly response: object
}

export async function loadPrism(): Promise<Result<Prism & { readonly version: string }, string>> {
  const installed = install('@stoplight/prism-http', version)
  if (!installed.ok) return installed
  const loaded = (await installed.value.load('dist/utils/runtimeExpression.js')) as PrismModule & { default?: PrismModule }
  const prism = loaded.default ?? loaded
  return ok({
    version,
    expression(text, { request, response }) {
      const result = prism.resolveRuntimeExpression(text, request, response)
      return result._tag === 'Some' ? { value: result.value } : { missing: true }
    },
    template: (text, { request, response }) => prism.resolveRuntimeExpressions(text, request, response),
  })
}

/** The same exchange in the shapes that Prism's server hands to its resolver. */
export function prismExchange({ request, response }: PartialExchange): PrismExchange {
  return {
    request: {
      method: request?.method?.toLowerCase(),
      url: { path: request?.url, query: request?.query },
      headers: lowerCased(request?.headers),
      body: request?.body,
    },
    response: { statusCode: response?.status, headers: lowerCased(response?.headers), body: response?.body },
  }
}

function lowerCased(headers: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> | undefined {
  if (headers === undefined) return undefined
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

export async function prismPeer(): Promise<Result<Peer, string>> {
  const prism = await loadPrism()
  if (!prism.ok) return prism
  const { expression, template } = prism.value
  return ok({
    name: '@stoplight/prism-http',
    version,
    parses: () => undefined,
    evaluates(row, exchange) {
      if (!isOas(row) || !isPlain(row) || row.mode === 'text') return undefined
      try {
        const given = prismExchange(exchange)
        return row.form === 'expression' ? expression(row.input, given) : { value: template(row.input, given) }
      } catch {
        return { missing: true }
      }
    },
  })
}
