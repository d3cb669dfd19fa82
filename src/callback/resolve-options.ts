import type { InterpolateOptions } from '../expression/index.ts'
import type { PartialExchange } from '../http/index.ts'

/** An exchange of which not everything need be known, but which one it is. */
export type SomeExchange = PartialExchange & { readonly id: string }

export type Tail = NonNullable<InterpolateOptions['tail']>

export interface ResolveOptions {
  /**
   * Values for `{name}` in keys, written in the style of the path parameter. Default: what the path parameter of the callback names as
   * its example or default.
   */
  readonly params?: Readonly<Record<string, unknown>>
  /** An array where a URL is expected gives a target for each of its items. Default false: it is refused. */
  readonly fanOut?: boolean
  /** Most items of such an array. Default 20. */
  readonly maxFanOut?: number
  /**
   * A URL that has a query, in front of a path that the key adds: refuse it, put the path before the query (`join`), or write one behind the
   * other (`verbatim`). For all keys, or told for each. Default `refuse`.
   */
  readonly tail?: Tail | ((key: { readonly callback: string; readonly key: string }) => Tail)
  /** Read broken keys as what was probably meant, where that is known. Default false. */
  readonly repair?: boolean
  /** Read only parameters that the operation declares, as the OAS demands. Default false. */
  readonly strictDeclared?: boolean
  /** Pointers into multipart bodies begin in the part of this name (3GPP: `jsonData`). Default: they begin with the name of a part. */
  readonly multipartRoot?: string
  /** Which value of a parameter that occurs several times. Default: none, it is refused. */
  readonly repeatedParameters?: 'first' | 'last'
}

export const defaultMaxFanOut = 20

export function requireExchange(exchange: unknown): asserts exchange is SomeExchange {
  const found = exchange === null ? 'null' : typeof exchange
  if (found !== 'object') throw new TypeError(`Expected an exchange, an object with "id" and "request", but found ${found}.`)
  const { id } = exchange as { readonly id?: unknown }
  if (typeof id !== 'string' || id === '') {
    throw new TypeError('Expected an exchange with an "id", a text of its own: the ids of its callbacks are made from it.')
  }
}
