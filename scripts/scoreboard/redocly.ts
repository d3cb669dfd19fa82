import type { PartialExchange } from 'ringback'
import { ok, type Result } from '../../src/util/index.ts'
import { install } from './install.ts'
import { isOas, isPlain, type Peer } from './peer.ts'

const version = '2.37.0'

/** The expressions of Redocly's Arazzo runner: a parser generated from a grammar, and an evaluator that makes code of the text. */
export interface Redocly {
  parseRuntimeExpression(text: string): unknown
  evaluateRuntimeExpression(text: string, context: object, logger: object): unknown
  evaluateRuntimeExpressionPayload(options: { payload: string; context: object; logger: object }): unknown
}

export async function loadRedocly(): Promise<Result<Redocly & { readonly version: string }, string>> {
  const installed = install('@redocly/respect-core', version)
  if (!installed.ok) return installed
  const { parseRuntimeExpression, evaluateRuntimeExpression, evaluateRuntimeExpressionPayload } = (await installed.value.load(
    'lib/modules/runtime-expressions/index.js',
  )) as Redocly
  return ok({ version, parseRuntimeExpression, evaluateRuntimeExpression, evaluateRuntimeExpressionPayload })
}

/** The same exchange in the shapes that the runner hands to its evaluator. */
export function redoclyContext({ request, response }: PartialExchange): object {
  return {
    $url: request?.url,
    $method: request?.method,
    $statusCode: response?.status,
    $request: request && { header: lowerCased(request.headers), query: request.query, path: request.path, body: request.body },
    $response: response && { header: lowerCased(response.headers), body: response.body },
  }
}

function lowerCased(headers: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> | undefined {
  if (headers === undefined) return undefined
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

const silent = { error() {}, output() {}, warn() {}, printNewLine() {} }

export async function redoclyPeer(): Promise<Result<Peer, string>> {
  const redocly = await loadRedocly()
  if (!redocly.ok) return redocly
  const { parseRuntimeExpression, evaluateRuntimeExpression, evaluateRuntimeExpressionPayload } = redocly.value
  return ok({
    name: '@redocly/respect-core',
    version,
    parses(row) {
      if (row.kind !== 'expression' || !(isOas(row) || row.dialect === 'arazzo1')) return undefined
      try {
        parseRuntimeExpression(row.input)
        return true
      } catch {
        return false
      }
    },
    evaluates(row, exchange) {
      if (!isOas(row) || !isPlain(row) || row.mode === 'callback-key') return undefined
      const context = redoclyContext(exchange)
      try {
        const value =
          row.form === 'expression'
            ? evaluateRuntimeExpression(row.input, context, silent)
            : evaluateRuntimeExpressionPayload({ payload: row.input, context, logger: silent })
        return value === undefined ? { missing: true } : { value }
      } catch {
        return { missing: true }
      }
    },
  })
}
