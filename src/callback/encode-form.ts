import { isJsonMediaType } from '../http/index.ts'
import { child, isObjectValue, type Located } from '../openapi/index.ts'
import { jsonText } from './json-text.ts'
import { type Style, styled } from './parameter-style.ts'
import { encodeForm, encodeReserved } from './percent-encoding.ts'
import { plainValue } from './plain-value.ts'

/**
 * `application/x-www-form-urlencoded` (OAS 3, Encoding Object): a field for each member, as its encoding says. Without one, an array is a
 * field for each item, and objects are JSON. `undefined`: a style has no form for the value.
 */
export function encodeFormBody(body: object, mediaType: Located | undefined): string | undefined {
  const fields: string[] = []
  for (const [name, value] of Object.entries(body)) {
    if (value === undefined || value === null) continue
    const encoding = encodingOf(mediaType, name)
    const style = encoding && styleIn(encoding)
    const text = style === undefined ? plainField(name, value, encoding) : styled(name, value, style)
    if (text === undefined) return undefined
    if (text !== '') fields.push(text)
  }
  return fields.join('&')
}

export function encodingOf(mediaType: Located | undefined, name: string): Located | undefined {
  const all = mediaType && child(mediaType, 'encoding')
  const one = all && child(all, name)
  return one && isObjectValue(one) ? one : undefined
}

const styles: readonly Style['style'][] = ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject']

/** `undefined` when none of the fields that speak of a style is there. */
function styleIn(encoding: Located): Style | undefined {
  const [named, explode, reserved] = ['style', 'explode', 'allowReserved'].map((field) => child(encoding, field)?.value)
  if (named === undefined && explode === undefined && reserved === undefined) return undefined
  const style = styles.find((one) => one === named) ?? 'form'
  return {
    style,
    explode: typeof explode === 'boolean' ? explode : style === 'form',
    encode: reserved === true ? encodeReserved : encodeForm,
  }
}

function plainField(name: string, value: unknown, encoding: Located | undefined): string | undefined {
  const contentType = encoding && child(encoding, 'contentType')?.value
  const isJson = typeof contentType === 'string' && isJsonMediaType(contentType)
  const items = (Array.isArray(value) && !isJson ? value : [value]).map(plainValue)
  const fields: string[] = []
  for (const item of items) {
    const text = isJson || typeof item === 'object' ? jsonText(item) : typeof item === 'symbol' ? undefined : String(item)
    if (text === undefined) return undefined
    fields.push(`${encodeForm(name)}=${encodeForm(text)}`)
  }
  return fields.join('&')
}
