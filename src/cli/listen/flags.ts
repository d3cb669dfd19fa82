import { readFileSync } from 'node:fs'
import { InvalidArgumentError } from 'commander'

/** The options of `ringback listen`. */
export interface ListenFlags {
  readonly openapi?: string
  readonly operation?: string
  readonly callback?: string
  readonly method?: readonly string[]
  readonly schema?: unknown
  readonly respond?: readonly PlannedAnswer[]
  readonly forward?: URL
  readonly publicUrl?: URL
  readonly host: string
  readonly port: number
  readonly count?: number
  /** Milliseconds. */
  readonly timeout?: number
  readonly json?: true
  readonly har?: string
}

/** `503:2`: that answer to so many calls; without a number to all that follow. */
export interface PlannedAnswer {
  readonly status: number
  readonly times: number | undefined
}

export function readRespond(text: string): readonly PlannedAnswer[] {
  const items = text.split(',')
  return items.map((item, i) => {
    const [, status, times] = /^([2-5]\d\d)(?::([1-9]\d{0,5}))?$/.exec(item.trim()) ?? []
    if (status === undefined) {
      throw new InvalidArgumentError(
        `Expected statuses with or without a number, such as 503:2,200, but found ${JSON.stringify(item)}.`,
      )
    }
    const isLast = i === items.length - 1
    return { status: Number(status), times: times === undefined ? (isLast ? undefined : 1) : Number(times) }
  })
}

export function readSchema(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new InvalidArgumentError(`Expected a file with a JSON Schema: ${(error as Error).message}.`)
  }
}

function readHttpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new InvalidArgumentError('Expected an absolute http or https URL.')
}

/** Where calls are passed on to. */
export function readTarget(text: string): URL {
  const url = readHttpUrl(text)
  if (url.username === '' && url.password === '') return url
  throw new InvalidArgumentError('Expected a URL without user and password: Authorization is passed on as the sender has it.')
}

/** A URL whose path others are put behind. */
export function readBaseUrl(text: string): URL {
  const url = readHttpUrl(text)
  if (url.search === '' && url.hash === '' && url.username === '' && url.password === '') return url
  throw new InvalidArgumentError('Expected a URL without user, query and fragment.')
}

export function readCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected a whole number from 1 on.')
}

export function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new InvalidArgumentError('Expected a port from 0 to 65535.')
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

export function readDuration(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? []
  if (number !== undefined) return Number(number) * (units[unit] ?? 1)
  throw new InvalidArgumentError('Expected a time with its unit, such as 500ms, 60s or 5m.')
}

export function readMethods(text: string): readonly string[] {
  return text
    .toUpperCase()
    .split(',')
    .map((method) => method.trim())
}
