import { isJsonMediaType } from '../../http/index.ts'
import { child, type OpenApiDescription, type Parameter } from '../../openapi/index.ts'
import { declaredProperties, declaredTypes, listed, type ReadValue } from '../../schema/index.ts'
import { decoded } from './key-shape.ts'

/** What a request has where parameters stand, not yet percent-decoded. */
export interface ParameterSource {
  readonly headers: Headers
  readonly query: readonly (readonly [name: string, rawValue: string])[]
  /** Without the question mark. */
  readonly rawQuery: string
  readonly cookies: readonly (readonly [name: string, rawValue: string])[]
  /** Of `{name}` in the key, decoded. */
  readonly path: ReadonlyMap<string, string>
}

/**
 * The value of a parameter in a request, the inverse of its style (OAS 3, Parameter Object, "Style Values"); `undefined`: it is not there.
 * For a parameter with `content` the text of that media type, parsed where it is JSON.
 */
export function readParameter(
  description: OpenApiDescription,
  parameter: Parameter,
  source: ParameterSource,
): { readonly value: unknown } | undefined {
  if (parameter.contents.length > 0) return readContent(parameter, source)
  const types = declaredTypes(description, parameter.schema)
  const kind = types.has('array') ? 'array' : types.has('object') ? 'object' : 'scalar'
  const names = (): readonly string[] => [...declaredProperties(description, parameter.schema).keys()]
  const value = readStyled(parameter, source, kind, names)
  return value === undefined ? undefined : { value }
}

function readContent(parameter: Parameter, source: ParameterSource): { readonly value: unknown } | undefined {
  const mediaType = parameter.contents[0]?.mediaType ?? ''
  const raw = parameter.in === 'querystring' ? source.rawQuery || undefined : readStyled(parameter, source, 'scalar', () => [])
  if (typeof raw !== 'string') return undefined
  if (parameter.in === 'querystring' && !isJsonMediaType(mediaType))
    return { value: Object.fromEntries(new URLSearchParams(raw)) }
  if (!isJsonMediaType(mediaType)) return { value: raw }
  try {
    return { value: JSON.parse(parameter.in === 'querystring' ? decoded(raw) : raw) }
  } catch {
    return { value: raw }
  }
}

function readStyled(
  parameter: Parameter,
  source: ParameterSource,
  kind: 'scalar' | 'array' | 'object',
  properties: () => readonly string[],
): ReadValue | undefined {
  switch (parameter.in) {
    case 'header': {
      const text = source.headers.get(parameter.name) ?? undefined
      return text === undefined ? undefined : listed(text, kind, ',', isExploded(parameter, false), (one) => one.trim())
    }
    case 'path': {
      const text = source.path.get(parameter.name)
      return text === undefined ? undefined : listed(text, kind, ',', isExploded(parameter, false), (one) => one)
    }
    case 'cookie':
      return named(parameter, source.cookies, kind, properties)
    default:
      return named(parameter, source.query, kind, properties)
  }
}

const separators: Readonly<Record<string, string>> = { form: ',', spaceDelimited: '%20', pipeDelimited: '|', cookie: ',' }

function named(
  parameter: Parameter,
  pairs: ParameterSource['query'],
  kind: 'scalar' | 'array' | 'object',
  properties: () => readonly string[],
): ReadValue | undefined {
  const style = styleOf(parameter)
  const own = pairs.flatMap(([name, raw]) => (name === parameter.name ? [raw] : []))
  if (style === 'deepObject') return members(pairs, (name) => deepName(name, parameter.name))
  if (isExploded(parameter, style === 'form' || style === 'cookie')) {
    if (kind === 'array') return own.length === 0 ? undefined : own.map(plain)
    if (kind === 'object') {
      const wanted = new Set(properties())
      return members(pairs, (name) => (wanted.has(name) ? name : undefined))
    }
  }
  const [first] = own
  if (first === undefined) return undefined
  if (kind === 'scalar') return plain(first)
  const raw = style === 'spaceDelimited' ? first.replaceAll('+', '%20') : first.replaceAll('%7C', '|').replaceAll('%7c', '|')
  return listed(raw, kind, separators[style] ?? ',', false, plain)
}

function deepName(name: string, parameter: string): string | undefined {
  return name.startsWith(`${parameter}[`) && name.endsWith(']') ? name.slice(parameter.length + 1, -1) : undefined
}

function members(
  pairs: ParameterSource['query'],
  nameOf: (name: string) => string | undefined,
): Readonly<Record<string, string | readonly string[]>> | undefined {
  const found = new Map<string, string[]>()
  for (const [name, raw] of pairs) {
    const member = nameOf(name)
    if (member !== undefined) found.set(member, [...(found.get(member) ?? []), plain(raw)])
  }
  if (found.size === 0) return undefined
  return Object.fromEntries([...found].map(([name, all]) => [name, all.length === 1 ? (all[0] ?? '') : all]))
}

function plain(raw: string): string {
  return decoded(raw.replaceAll('+', ' '))
}

function styleOf({ object }: Parameter): string {
  const style = child(object, 'style')?.value
  return typeof style === 'string' ? style : 'form'
}

function isExploded({ object }: Parameter, fallback: boolean): boolean {
  const explode = child(object, 'explode')?.value
  return typeof explode === 'boolean' ? explode : fallback
}

/** Names decoded, values as they are. */
export function rawPairs(query: string): readonly (readonly [name: string, rawValue: string])[] {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=')
      return equals === -1 ? [plain(pair), ''] : [plain(pair.slice(0, equals)), pair.slice(equals + 1)]
    })
}

export function cookiePairs(field: string | null): readonly (readonly [name: string, rawValue: string])[] {
  return (field ?? '').split(';').flatMap((pair) => {
    const equals = pair.indexOf('=')
    return equals === -1 ? [] : [[pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()] as const]
  })
}
