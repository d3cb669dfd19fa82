import type { Attempt, Delivery, Dispatcher } from '../../dispatcher/index.ts'
import type { CallbackRequest } from '../../http/index.ts'
import type { StartSummary } from '../../middleware/index.ts'
import { jsonLine } from '../json-line.ts'
import { type Colors, printable } from '../render-explanation.ts'
import { shownUrl } from '../store/redact.ts'

/** How `ringback proxy` tells what happens. Every text ends with a line feed; URLs are without what may be a secret. */
export interface ProxyOutput {
  listening(url: string, upstream: URL): string
  started(summary: StartSummary): string
  delivery(state: 'enqueued' | 'delivered' | 'failed' | 'dead', delivery: Delivery, attempt?: Attempt): string
  planned(request: CallbackRequest): string
  problem(problem: ToldProblem): string
}

/** Of the middleware, the server behind, or the store. */
export interface ToldProblem {
  readonly kind: string
  readonly message: string
  readonly operation?: string
  readonly callback?: string
}

/** For people: a line each. */
export function prettyOutput(colors: Colors): ProxyOutput {
  const marks = { enqueued: colors.dim, delivered: colors.green, failed: colors.red, dead: colors.red }
  return {
    listening: (url, upstream) => `${url} → ${upstream.origin}\n`,
    started: ({ text }) => `${text.split('\n').map(printable).join('\n')}\n`,
    delivery(state, { id, request, metadata }, attempt) {
      const { method, url } = request
      const why = attempt === undefined ? '' : ` ${printable(String(reasonOf(attempt)))}`
      return `${marks[state](state)}${why} ${printable(callbackOf(metadata))} ${printable(method)} ${printable(shownUrl(url))} ${colors.dim(printable(id))}\n`
    },
    planned: ({ method, url, metadata }) =>
      `${colors.dim('dry run')} ${printable(callbackOf(metadata))} ${printable(method)} ${printable(shownUrl(url))}\n`,
    problem: ({ kind, message, callback, operation }) => {
      const where = [callback, operation].filter((name) => name !== undefined).join(' of ')
      return `${colors.red(kind)} ${printable(where === '' ? message : `${where}: ${message}`)}\n`
    },
  }
}

/** For programs: one JSON object a line, the URL in the first. */
export const jsonOutput: ProxyOutput = {
  listening: (url, upstream) => jsonLine({ type: 'listening', url, upstream: upstream.origin }),
  started: ({ operations, callbacks, handlers, problems, notes }) =>
    jsonLine({ type: 'started', operations, callbacks, handlers, problems, notes }),
  delivery: (type, { id, request, metadata }, attempt) =>
    jsonLine({
      type,
      id,
      method: request.method,
      url: shownUrl(request.url),
      ...namesOf(metadata),
      ...(attempt === undefined ? {} : { attempt: attempt.n, outcome: reasonOf(attempt) }),
    }),
  planned: ({ method, url, metadata, body }) =>
    jsonLine({ type: 'planned', method, url: shownUrl(url), bytes: body?.length ?? 0, ...namesOf(metadata) }),
  problem: ({ kind, message, callback, operation }) => jsonLine({ type: 'problem', kind, message, callback, operation }),
}

/** Tells what becomes of deliveries. */
export function tellDeliveries(dispatcher: Dispatcher, output: ProxyOutput, print: (text: string) => void): void {
  dispatcher.on('enqueued', ({ delivery }) => print(output.delivery('enqueued', delivery)))
  dispatcher.on('delivered', ({ delivery, attempt }) => print(output.delivery('delivered', delivery, attempt)))
  dispatcher.on('dead', ({ delivery, attempt }) => print(output.delivery('dead', delivery, attempt)))
  dispatcher.on('attempt:end', ({ delivery, attempt }) => {
    if (attempt.nextAt !== undefined) print(output.delivery('failed', delivery, attempt))
  })
  dispatcher.on('store:error', ({ operation, error }) =>
    print(output.problem({ kind: 'store', message: `${operation}: ${String(error)}` })),
  )
}

/** A status, or what has kept us from getting one. */
function reasonOf({ outcome }: Attempt): number | string {
  switch (outcome.kind) {
    case 'response':
    case 'declined':
      return outcome.status
    case 'refused':
      return outcome.rule
    case 'failed':
      return outcome.code
    default:
      return outcome.kind
  }
}

function namesOf(metadata: CallbackRequest['metadata']): { readonly operation: unknown; readonly callback: unknown } {
  return { operation: metadata?.operationId ?? metadata?.operation, callback: metadata?.callback }
}

function callbackOf(metadata: CallbackRequest['metadata']): string {
  const { operation, callback } = namesOf(metadata)
  return `${String(callback)} of ${String(operation)}`
}
