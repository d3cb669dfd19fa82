export type { CallbackTarget, NoTarget, RequestProblem, ResolvedCallback, ResolveOptions } from '../callback/index.ts'
export type { Problem } from '../lint/index.ts'
export type {
  CallbackContent,
  CallbackHandler,
  ExampleHandler,
  HandledExchange,
  Handler,
  HandlerContext,
  HandlerResult,
} from './handler.ts'
export type { CallbackDispatcher, CallbackOptions } from './options.ts'
export type { CallbackProblem, LostBody } from './problem.ts'
export type { RequestCallbacks, TargetOptions } from './request-callbacks.ts'
export type { Callbacks, DrainOptions, FireOptions } from './scope.ts'
export type { StartSummary } from './start-summary.ts'
export type { AnyHandlers, HandlersOf } from './typed.ts'
