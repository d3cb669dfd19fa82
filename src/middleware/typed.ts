import type { Handler } from './handler.ts'

/** Handlers by operation and callback, of a description whose type says nothing. */
export type AnyHandlers = Readonly<Record<string, Readonly<Record<string, Handler>>>>

export type HandlersOf<Described> = unknown extends Described ? AnyHandlers : AnyHandlers
