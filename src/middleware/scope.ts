import { channel } from 'node:diagnostics_channel'
import type { CallbackTarget } from '../callback/index.ts'
import { CallbackRequestError } from '../callback/index.ts'
import type { Enqueued } from '../dispatcher/index.ts'
import { matchOperation, type OpenApiDescription, type Operation, type OperationMatch } from '../openapi/index.ts'
import { canGenerateCode, checkNames, deferred, messageOf, systemClock, systemRandom } from '../util/index.ts'
import { callListener } from './application-code.ts'
import { type BasePaths, basePathsFor, type Router } from './base-paths.ts'
import { buildRequest } from './build-request.ts'
import { checkContent } from './check-content.ts'
import { openDescription } from './description-source.ts'
import { type NoteStranger, strangerTeller } from './elsewhere.ts'
import type { CallbackContent } from './handler.ts'
import { type OperationPlan, planOperations } from './operation-plan.ts'
import { type AnyOptions, checkOptions, defaults } from './options.ts'
import { outletFor } from './outlet.ts'
import { problemTeller } from './problem.ts'
import { noCallbacks, type RequestCallbacks } from './request-callbacks.ts'
import { Run } from './run.ts'
import type { ScopeParts } from './scope-parts.ts'
import type { RequestSide } from './sides.ts'
import { type StartSummary, summarize } from './start-summary.ts'
import { DescriptionProblems } from './strict.ts'
import type { AnyHandlers } from './typed.ts'
import { UnderWay } from './under-way.ts'

export interface FireOptions {
  /** Default: made from the target, so that firing it twice delivers once. Give another for each time that it is to be delivered. */
  readonly id?: string
}

/** What every middleware has, whatever the framework. */
export interface Callbacks {
  /** What was found in the description. Rejects when it cannot be read or, with `strict`, when the linter finds errors. */
  readonly ready: Promise<StartSummary>
  /**
   * Enqueues a callback to a target that was stored. Rejects with a `CallbackRequestError` when the content is not what the callback
   * operation asks for, with a `TypeError` when the description has no such callback any more. Goes where the option `fire` says.
   */
  fire(target: CallbackTarget, content: CallbackContent, options?: FireOptions): Promise<Enqueued>
  /**
   * Between the end of the server and `dispatcher.stop()`: waits until the callbacks of all responses that have gone out, and what was given to
   * `fire`, are with the dispatcher, at most `drainMs` (default 20 000). `false`: some are not yet, for instance of a handler that has not answered.
   */
  drain(options?: DrainOptions): Promise<boolean>
}

export interface DrainOptions {
  readonly drainMs?: number
}

/** What an operation of the description was matched by. */
export interface Matched {
  readonly plan: OperationPlan
  readonly path: Readonly<Record<string, string>>
}

/** Decides for every adapter what happens to a request and its response. */
export interface Scope {
  readonly callbacks: Callbacks
  /** For requests with no callbacks. */
  readonly none: RequestCallbacks
  readonly maxBodyBytes: number
  readonly origin: string | undefined
  /** Resolves when requests can be matched; `undefined` when they can already. Never rejects. */
  readonly opening: Promise<void> | undefined
  /** The operation with callbacks that a request is for. */
  match(method: string, target: string): Matched | undefined
  begin(matched: Matched, side: RequestSide): Run
}

const matchedChannel = channel('ringback:matched')

/**
 * Throws a `TypeError` for options that cannot be meant. `more`: those that one adapter alone has. `framework`: what is so where no option says
 * otherwise.
 */
export function createScope(options: AnyOptions, more: object = {}, framework: Router = { caseSensitive: true }): Scope {
  checkOptions(options, more)
  const { clock = systemClock, random = systemRandom, handlers = {}, onStart = print } = options
  const tell = problemTeller(options.onError)
  const outlet = outletFor(options)
  const validateOutgoing = canGenerateCode() ? options.validateOutgoing : 'off'
  const notes = validateOutgoing === 'off' && options.validateOutgoing !== 'off' ? [noValidation] : []
  const none = noCallbacks(tell)
  const router: Router = options.caseSensitive === undefined ? framework : { caseSensitive: options.caseSensitive }
  const underWay = new UnderWay()
  let opened: Opened | undefined

  const open = (description: OpenApiDescription): Opened => {
    const plans = planOperations(description, handlers as AnyHandlers, options.when !== undefined)
    const { credentials } = options
    const build = {
      description,
      ...(validateOutgoing === undefined ? {} : { validateOutgoing }),
      ...(credentials === undefined ? {} : { credentials }),
    }
    const parts: ScopeParts = {
      build,
      resolve: options.resolve ?? {},
      outlet,
      when: options.when,
      tell,
      clock,
      random,
      commitTimeoutMs: options.commitTimeoutMs ?? defaults.commitTimeoutMs,
      maxBodyBytes: options.maxBodyBytes ?? defaults.maxBodyBytes,
      maxTargets: options.maxTargets ?? Math.max(defaults.maxTargets, options.resolve?.maxFanOut ?? 0),
      underWay,
    }
    const methods = new Set(Array.from(plans.keys(), (operation) => operation.method))
    const bases = basePathsFor(description, options.basePath, router)
    const noteStranger = strangerTeller(({ operation }) => plans.get(operation), options.basePath, tell)
    opened = { description, plans, methods, parts, bases, noteStranger }
    return opened
  }

  const start = async ({ description, plans, bases }: Opened): Promise<StartSummary> => {
    const summary = await summarize(description, plans.values(), bases.served, notes)
    if (options.strict === true && summary.problems.some(({ severity }) => severity === 'error')) {
      throw new DescriptionProblems(summary)
    }
    callListener('onStart', onStart, summary)
    return summary
  }

  const source = openDescription(options.description)
  const opening = source instanceof Promise ? source.then(open) : open(source)
  const ready = opening instanceof Promise ? opening.then(start) : start(opening)
  if (options.strict !== true) {
    ready.catch((error: unknown) => {
      tell({
        kind: 'description',
        error,
        message: `No callbacks are sent: ${messageOf(error)}`,
      })
    })
  }
  const settled = opening instanceof Promise ? opening.then(noop, noop) : undefined

  const fire: Callbacks['fire'] = async (target, content, options = {}) => {
    checkNames(options, { id: true }, 'the options of fire()')
    const { id } = options
    checkContent(content)
    const { parts } = opened ?? (await opening)
    const built = buildRequest(target, content, parts.build)
    if (!built.ok) throw new CallbackRequestError(built.error)
    const { delayMs, orderingKey, metadata } = content
    return outlet.put(built.value.request, {
      ...(id === undefined ? {} : { id }),
      ...(delayMs === undefined ? {} : { delayMs }),
      ...(orderingKey === undefined ? {} : { orderingKey }),
      ...(metadata === undefined ? {} : { metadata }),
    })
  }

  const callbacks: Callbacks = {
    ready,
    async fire(target, content, options = {}) {
      const over = deferred<void>()
      underWay.add(over.promise)
      try {
        return await fire(target, content, options)
      } finally {
        over.resolve()
      }
    },
    async drain(options = {}) {
      checkNames(options, { drainMs: 0 }, 'the options of drain()')
      return underWay.over(clock, options.drainMs ?? defaults.drainMs)
    },
  }

  return {
    callbacks,
    none,
    maxBodyBytes: options.maxBodyBytes ?? defaults.maxBodyBytes,
    origin: options.origin,
    get opening() {
      return opened === undefined ? settled : undefined
    },
    match(method, target) {
      // Most requests read, and are for no operation with callbacks whatever their path.
      if (opened === undefined || !(opened.methods.has(method) || opened.methods.has(method.toUpperCase()))) return undefined
      const { description, bases, noteStranger } = opened
      const under = (url: string): OperationMatch | undefined => matchOperation(description, method, url, router)
      const inAnyCase = (url: string): OperationMatch | undefined =>
        matchOperation(description, method, url, { caseSensitive: false })
      const found = bases.match(target, under) ?? (router.isUnknown ? bases.match(target, inAnyCase) : undefined)
      if (found === undefined) {
        noteStranger(() => bases.matchOtherwise(target, under))
        return undefined
      }
      const plan = opened.plans.get(found.operation)
      // A HEAD request that is answered like GET is meant to do nothing.
      if (plan === undefined || (method === 'HEAD' && found.operation.method !== 'HEAD')) return undefined
      return { plan, path: found.pathParameters }
    },
    begin({ plan, path }, side) {
      const run = new Run(plan, (opened as Opened).parts, path, side)
      if (matchedChannel.hasSubscribers) matchedChannel.publish({ operation: plan.name, exchangeId: run.id })
      return run
    },
  }
}

interface Opened {
  readonly description: OpenApiDescription
  readonly plans: ReadonlyMap<Operation, OperationPlan>
  /** Of the operations with callbacks. */
  readonly methods: ReadonlySet<string>
  readonly parts: ScopeParts
  readonly bases: BasePaths
  readonly noteStranger: NoteStranger
}

const noValidation = 'bodies are not validated: this runtime does not let text become code'

function print({ text }: StartSummary): void {
  console.info(`ringback: ${text}`)
}

function noop(): void {}
