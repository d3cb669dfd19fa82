import type { HeaderFields } from '../http/index.ts'
import type { Body } from './body.ts'

/** The request of an exchange, as an adapter gives it. */
export interface RequestSide {
  readonly method: string
  /** As received: path and query, or absolute. */
  readonly target: string
  readonly headers: HeaderFields
  /** Scheme and authority: `http://api.example.com`. */
  origin(): string
  /** What is known of the body now. */
  body(): Body
  /** Resolves when the body is complete, or will not become so. `isAnswered`: who has not begun to read it by now is not going to. */
  bodyEnd(isAnswered: boolean): Promise<void> | undefined
}

/** Its response. Asked only when the response has been ended. */
export interface ResponseSide {
  status(): number
  headers(): HeaderFields
  body(): Body
}
