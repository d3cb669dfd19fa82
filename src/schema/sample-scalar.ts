import { samplePattern } from './sample-pattern.ts'

type Keywords = Readonly<Record<string, unknown>>

const byFormat: Readonly<Record<string, string>> = {
  'date-time': '2024-01-01T00:00:00Z',
  date: '2024-01-01',
  time: '00:00:00Z',
  duration: 'PT1H',
  email: 'user@example.com',
  'idn-email': 'user@example.com',
  hostname: 'example.com',
  'idn-hostname': 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  iri: 'https://example.com/',
  'uri-reference': '/example',
  'iri-reference': '/example',
  'uri-template': '/example/{id}',
  uuid: '00000000-0000-4000-8000-000000000000',
  'json-pointer': '/example',
  'relative-json-pointer': '0/example',
  regex: '.*',
  byte: 'ZXhhbXBsZQ==',
}

/** A text for the pattern, the format and the length that the schemas ask for. `index` makes texts without format differ. */
export function sampleString(schemas: readonly Keywords[], index: number): string {
  const format = schemas.map((schema) => schema.format).find((one) => typeof one === 'string' && Object.hasOwn(byFormat, one))
  const shortest = Math.min(most(schemas, 'minLength', Math.max) ?? 0, longestString)
  const longest = most(schemas, 'maxLength', Math.min) ?? Number.POSITIVE_INFINITY
  const pattern = schemas.map((schema) => schema.pattern).find((one) => typeof one === 'string')
  const matching = typeof pattern === 'string' ? samplePattern(pattern, shortest) : undefined
  if (matching !== undefined) return matching
  const formatted = typeof format === 'string' ? byFormat[format] : undefined
  const text = formatted ?? (index === 0 ? 'string' : `string${index + 1}`)
  if (text.length > longest) return text.slice(text.length - longest)
  return formatted === undefined && text.length < shortest ? text.padEnd(shortest, text) : text
}

const longestString = 10_000

/** A number within the limits of the schemas. */
export function sampleNumber(schemas: readonly Keywords[], isInteger: boolean, index: number): number {
  const [low, lowExcluded] = limit(schemas, 'minimum', 'exclusiveMinimum', Math.max)
  const [high, highExcluded] = limit(schemas, 'maximum', 'exclusiveMaximum', Math.min)
  const multiple = most(schemas, 'multipleOf', Math.max)
  const step = multiple !== undefined && multiple > 0 ? multiple : 1
  if (low !== undefined) {
    const first = isInteger || multiple !== undefined ? Math.ceil(low / step) * step : low
    const start = lowExcluded && first === low ? first + stepBelow(step, low, high, isInteger) : first
    return start + index * step
  }
  if (high !== undefined && (high < 0 || (high === 0 && highExcluded))) {
    const last = isInteger || multiple !== undefined ? Math.floor(high / step) * step : high
    return (highExcluded && last === high ? last - step : last) - index * step
  }
  return index * step
}

/** Between two close limits, half the way for a number that need not be whole. */
function stepBelow(step: number, low: number, high: number | undefined, isInteger: boolean): number {
  return !isInteger && high !== undefined && low + step >= high ? (high - low) / 2 : step
}

function limit(
  schemas: readonly Keywords[],
  keyword: string,
  exclusive: string,
  tightest: (a: number, b: number) => number,
): readonly [limit: number | undefined, excluded: boolean] {
  let found: number | undefined
  let excluded = false
  for (const schema of schemas) {
    const inclusive = schema[keyword]
    const strict = schema[exclusive]
    if (typeof inclusive === 'number' && (found === undefined || tightest(found, inclusive) !== found)) {
      found = inclusive
      excluded = false
    }
    // In OAS 3.0 a boolean beside the limit, later a limit of its own.
    if (strict === true && inclusive === found) excluded = true
    if (typeof strict === 'number' && (found === undefined || tightest(found, strict) === strict)) {
      found = strict
      excluded = true
    }
  }
  return [found, excluded]
}

/** The tightest of a numeric keyword. */
export function most(
  schemas: readonly Keywords[],
  keyword: string,
  tightest: (a: number, b: number) => number,
): number | undefined {
  let found: number | undefined
  for (const schema of schemas) {
    const value = schema[keyword]
    if (typeof value === 'number') found = found === undefined ? value : tightest(found, value)
  }
  return found
}
