import { plainValue } from './plain-value.ts'

/** How a value of a parameter becomes text: OAS 3, Parameter Object, "Style Values". */
export interface Style {
  readonly style: 'matrix' | 'label' | 'simple' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject' | 'cookie'
  readonly explode: boolean
  /** Percent-encodes a name or a value for where it stands. */
  readonly encode: (text: string) => string
}

/**
 * The text of a parameter: with its name where the style writes it (`form` and the like, `matrix`), else the value alone. `undefined`: the
 * style has no form for such a value. Absent and empty values are for the caller to leave out.
 */
export function styled(name: string, given: unknown, style: Style): string | undefined {
  const value = plainValue(given)
  switch (style.style) {
    case 'simple':
      return listed(value, style, ',', '=')
    case 'label': {
      const text = listed(value, style, style.explode ? '.' : ',', '=')
      return text === undefined ? undefined : `.${text}`
    }
    case 'matrix':
      return named(name, value, style, ';', ';')
    case 'form':
      return named(name, value, style, '', '&')
    case 'cookie':
      return named(name, value, style, '', '; ')
    case 'spaceDelimited':
      return delimited(name, value, style, '%20')
    case 'pipeDelimited':
      return delimited(name, value, style, '%7C')
    case 'deepObject':
      return deepObject(name, value, style)
  }
}

/** Array items, or names and values of an object, in one list. */
function listed(value: unknown, { explode, encode }: Style, separator: string, assign: string): string | undefined {
  if (Array.isArray(value)) return joined(value.map(textOf), encode, separator)
  if (!isObject(value)) return encoded(textOf(value), encode)
  const pairs = Object.entries(value).map(([name, one]) => [name, textOf(one)] as const)
  if (pairs.some(([, text]) => text === undefined)) return undefined
  return pairs.map(([name, text = '']) => `${encode(name)}${explode ? assign : ','}${encode(text)}`).join(separator)
}

/** Each value with a name: of the parameter or, of an object that is exploded, of its member. */
function named(name: string, value: unknown, style: Style, prefix: string, separator: string): string | undefined {
  const { explode, encode } = style
  if (explode && (Array.isArray(value) || isObject(value))) {
    const pairs = Array.isArray(value)
      ? value.map((one) => [name, textOf(one)] as const)
      : Object.entries(value).map(([member, one]) => [member, textOf(one)] as const)
    if (pairs.some(([, text]) => text === undefined)) return undefined
    return prefix + pairs.map(([member, text = '']) => assigned(member, text, style)).join(separator)
  }
  const text = listed(value, { ...style, explode: false }, ',', ',')
  // `;color` without a value has no equals sign (RFC 6570, 3.2.7).
  if (text === undefined) return undefined
  return text === '' && style.style === 'matrix' ? prefix + encode(name) : `${prefix}${encode(name)}=${text}`
}

function assigned(name: string, text: string, { encode, style }: Style): string {
  return text === '' && style === 'matrix' ? encode(name) : `${encode(name)}=${encode(text)}`
}

function delimited(name: string, value: unknown, style: Style, separator: string): string | undefined {
  if (style.explode) return Array.isArray(value) ? named(name, value, style, '', '&') : undefined
  if (!Array.isArray(value) && !isObject(value)) return undefined
  const items = Array.isArray(value) ? value : Object.entries(value).flat()
  const text = joined(items.map(textOf), style.encode, separator)
  return text === undefined ? undefined : `${style.encode(name)}=${text}`
}

function deepObject(name: string, value: unknown, { encode }: Style): string | undefined {
  if (!isObject(value)) return undefined
  const pairs: string[] = []
  for (const [member, one] of Object.entries(value)) {
    // What is deeper than one level, the OAS leaves open; a repeated name is what everybody reads as an array.
    for (const item of Array.isArray(one) ? one : [one]) {
      const text = textOf(item)
      if (text === undefined) return undefined
      pairs.push(`${encode(`${name}[${member}]`)}=${encode(text)}`)
    }
  }
  return pairs.join('&')
}

function joined(texts: readonly (string | undefined)[], encode: (text: string) => string, separator: string): string | undefined {
  return texts.some((text) => text === undefined) ? undefined : texts.map((text = '') => encode(text)).join(separator)
}

function encoded(text: string | undefined, encode: (text: string) => string): string | undefined {
  return text === undefined ? undefined : encode(text)
}

/** `undefined` for what is no scalar: the styles end at one level. */
function textOf(given: unknown): string | undefined {
  const value = plainValue(given)
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint' || value === null
    ? String(value)
    : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
}
