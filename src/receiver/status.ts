/** The methods an endpoint can expect (the seven that Google's `http_callback_method` knows). */
export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

export type Method = (typeof methods)[number]

/** `open` accepts calls; the other three are final. */
export type CallbackState = 'open' | 'completed' | 'cancelled' | 'expired'

export type EndedState = Exclude<CallbackState, 'open'>

export interface CallbackStatus {
  readonly id: string
  readonly state: CallbackState
  /** Why it was cancelled. */
  readonly reason?: string
  readonly methods: readonly Method[]
  /** Calls that nobody has read yet. */
  readonly stored: number
  /** Waits that have no call yet. */
  readonly waiters: number
  readonly accepted: number
  readonly rejected: number
  readonly createdAt: Date
  /** `null`: never, which had to be asked for. */
  readonly expiresAt: Date | null
  /** Empty where it cannot be read. */
  readonly metadata: Readonly<Record<string, string>>
  /** Why what is sealed of it cannot be read: its key is not in the keyring, or it is broken. */
  readonly unreadable?: string
}

/** Why a request at an endpoint was refused. */
export type RejectCode =
  | 'claim'
  | 'method'
  | 'auth'
  | 'too-large'
  | 'body-timeout'
  | 'media-type'
  | 'encoding'
  | 'malformed'
  | 'schema'
  | 'sub-path'
  | 'full'
  | 'key-reused'
  | 'ended'

/** One refused request. It holds no body and no header but the media type. */
export interface Rejection {
  readonly at: Date
  readonly method: string
  readonly status: number
  readonly code: RejectCode
  readonly detail: string
  readonly contentType?: string
  /** Length of the body as far as it was read. */
  readonly bytes?: number
}

/** One way in which a request breaks what was promised. Pointers are JSON Pointers; `schemaPointer` starts with `#`. */
export interface ValidationError {
  readonly in: 'body' | 'header' | 'query' | 'path' | 'cookie' | 'url'
  readonly pointer: string
  readonly schemaPointer: string
  readonly message: string
}
