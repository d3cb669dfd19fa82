import type { PartialExchange } from '../../http/index.ts'
import type { OpenApiDescription } from '../../openapi/index.ts'

/** Which requests an endpoint stands for: the callbacks of an operation, or a webhook. */
export interface OpenApiTarget {
  /** What `readDescription` or `parseDescription` gives. */
  readonly description: OpenApiDescription
  /** The operation that promises the callback: an operationId, `POST /subscribe`, or a JSON Pointer. Of a webhook, also its name alone. */
  readonly operation: string
  /** One of its callbacks. Default: all of them, behind one URL. */
  readonly callback?: string
  /** Read broken keys as what was probably meant. Default false: they are an error. */
  readonly repair?: boolean
}

export const targetOptionNames: Readonly<Record<keyof OpenApiOptions, true>> = {
  description: true,
  operation: true,
  callback: true,
  repair: true,
  exchange: true,
  onInvalid: true,
}

export interface OpenApiOptions extends OpenApiTarget {
  /** The exchange that asked for the callback, where it is known before. Later: `endpoint.bind()`. */
  readonly exchange?: PartialExchange
  /** `report` accepts what breaks the description, and tells so in `call.validation`. Default `reject`. */
  readonly onInvalid?: 'reject' | 'report'
}
