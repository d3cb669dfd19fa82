import { type LintTextOptions, lintText, type Problem, ruleNames, rulePage, type TextLint } from '../../src/lint/index.ts'
import {
  callbacksOf,
  type OpenApiDescription,
  type Operation,
  operationsOf,
  ownServersOf,
  serversAt,
  serverUrl,
} from '../../src/openapi/index.ts'
import type { DocumentReport, OperationChoice } from './report.ts'

/** A text that is being edited: each state of it is read with what is known of the one before. */
export class DocumentSession {
  #last: TextLint | undefined

  /** Undefined until there was a text that could be read. */
  get description(): OpenApiDescription | undefined {
    return this.#last?.description
  }

  get stale(): boolean {
    return this.#last?.stale ?? true
  }

  get problems(): readonly Problem[] {
    return this.#last?.problems ?? []
  }

  read(text: string): DocumentReport {
    const options: LintTextOptions = { file: 'document', ...(this.#last === undefined ? {} : { previous: this.#last }) }
    this.#last = lintText(text, options)
    const { problems, summary, stale, description } = this.#last
    const operations = description === undefined ? [] : operationsOf(description).filter(({ kind }) => kind === 'path')
    return {
      problems: problems
        .slice(0, mostFindings)
        .map((problem) => (pages.has(problem.rule) ? { ...problem, page: rulePage(problem.rule) } : problem)),
      summary,
      stale,
      operations: operations
        .filter((operation) => callbacksOf(operation).length > 0)
        .slice(0, mostChoices)
        .map(choiceOf),
      operationCount: operations.length,
    }
  }
}

/** A text that cannot be read breaks no rule. */
const pages = new Set(ruleNames)

/** A page that is sent more than that is busy with nothing else. */
const mostFindings = 1000

/** More than anyone looks through in a menu. */
const mostChoices = 500

function choiceOf(operation: Operation): OperationChoice {
  return {
    name: nameOf(operation),
    method: operation.method,
    url: urlFor(operation),
    callbacks: callbacksOf(operation).map(({ name }) => name),
  }
}

export function nameOf({ operationId, method, path }: Operation): string {
  return operationId ?? `${method} ${path}`
}

/** Path parameters are filled with their names: something that the path matches. */
function urlFor(operation: Operation): string {
  const [server] = ownServersOf(operation) ?? serversAt(operation.description.root) ?? []
  const url = server === undefined ? undefined : serverUrl(server)
  // A document that names no server, or a relative one, is served somewhere.
  const base = url !== undefined && /^https?:/i.test(url) ? url : new URL(pathOf(url), 'https://api.example').href
  const path = operation.path.replace(/\{([^{}]*)\}/g, (_, name: string) => encodeURIComponent(name) || 'x')
  return `${base.replace(/[?#].*$/s, '').replace(/\/$/, '')}${path}`
}

function pathOf(url: string | undefined): string {
  return url?.startsWith('/') ? url : ''
}
