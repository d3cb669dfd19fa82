import { assertNever } from '../util/index.ts'
import type { ExpressionTemplate, RuntimeExpression, Source } from './ast.ts'
import { outsideRootOf } from './outside.ts'

/** What an expression or template touches, told without an exchange: nothing else needs to be captured. Names are listed once. */
export interface Reads {
  readonly request: MessageReads & {
    readonly url: boolean
    readonly method: boolean
    readonly query: readonly string[]
    readonly path: readonly string[]
  }
  readonly response: MessageReads & { readonly status: boolean }
  /** Names of `{name}`. */
  readonly parameters: readonly string[]
  /** Roots that an HTTP exchange does not have (`$inputs`, `$steps`, …). */
  readonly outside: readonly string[]
}

export interface MessageReads {
  /** Lower-cased. */
  readonly headers: readonly string[]
  readonly body: boolean
}

export function reads(...nodes: readonly (RuntimeExpression | ExpressionTemplate)[]): Reads {
  const found = new Collector()
  for (const node of nodes) {
    if (node.kind !== 'expression-template') found.expression(node)
    else {
      for (const part of node.parts) {
        if (part.kind === 'embedded-expression') found.expression(part.expression)
        else if (part.kind === 'path-parameter') found.parameters.add(part.name)
      }
    }
  }
  return {
    request: {
      url: found.url,
      method: found.method,
      headers: [...found.request.headers],
      query: [...found.query],
      path: [...found.path],
      body: found.request.body,
    },
    response: { status: found.status, headers: [...found.response.headers], body: found.response.body },
    parameters: [...found.parameters],
    outside: [...found.outside],
  }
}

class Collector {
  url = false
  method = false
  status = false
  readonly query = new Set<string>()
  readonly path = new Set<string>()
  readonly parameters = new Set<string>()
  readonly outside = new Set<string>()
  readonly request = { headers: new Set<string>(), body: false }
  readonly response = { headers: new Set<string>(), body: false }

  expression(node: RuntimeExpression): void {
    switch (node.kind) {
      case 'url':
        this.url = true
        break
      case 'method':
        this.method = true
        break
      case 'status-code':
        this.status = true
        break
      case 'request':
      case 'response':
        this.source(node.source, node.kind)
        break
      default:
        this.outside.add(outsideRootOf(node))
    }
  }

  private source(source: Source, message: 'request' | 'response'): void {
    switch (source.kind) {
      case 'header-reference':
        this[message].headers.add(source.name)
        break
      case 'query-reference':
        // A response has neither query nor path: such an expression reads nothing.
        if (message === 'request') this.query.add(source.name)
        break
      case 'path-reference':
        if (message === 'request') this.path.add(source.name)
        break
      case 'body-reference':
      case 'draft-body-reference': {
        this[message].body = true
        // Whether the body is JSON is said there.
        this[message].headers.add('content-type')
        break
      }
      case 'payload-reference':
        this.outside.add('payload')
        break
      default:
        assertNever(source)
    }
  }
}
