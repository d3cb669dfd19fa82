/** Everything that the page shows is made from this, and a link carries it. */
export interface PlaygroundState {
  /** The OpenAPI Description, YAML or JSON. */
  readonly document: string
  readonly exchange: ExchangeFields
}

/** The exchange as it is typed. */
export interface ExchangeFields {
  readonly method: string
  readonly url: string
  /** A line for each header field: `Name: value`. */
  readonly requestHeaders: string
  readonly requestBody: string
  /** Empty: there is no response yet. */
  readonly status: string
  readonly responseHeaders: string
  readonly responseBody: string
}

export const exchangeFieldNames: readonly (keyof ExchangeFields)[] = [
  'method',
  'url',
  'requestHeaders',
  'requestBody',
  'status',
  'responseHeaders',
  'responseBody',
]

/** What came from outside as a state; `undefined` when it is none. Members that are not known are dropped. */
export function stateFrom(value: unknown): PlaygroundState | undefined {
  if (!isRecord(value) || typeof value.document !== 'string' || !isRecord(value.exchange)) return undefined
  const fields: Record<string, string> = {}
  for (const name of exchangeFieldNames) {
    const field = value.exchange[name]
    if (typeof field !== 'string') return undefined
    fields[name] = field
  }
  return { document: value.document, exchange: fields as Record<keyof ExchangeFields, string> }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
