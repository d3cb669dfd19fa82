import { operationMethods, serversAt } from '../../openapi/index.ts'
import type { Rule } from '../rule.ts'
import { fileEdits, type KeySubject, namedLikewise } from '../subject/index.ts'
import { didYouMean, inText, quoted } from './support.ts'

/** A key is the URL of the request, so it starts with a scheme, or with an expression whose value does. */
export const relativeUrl: Rule = {
  name: 'relative-url',
  summary: 'A key is no absolute URL, and no servers say what it is relative to.',
  group: 'semantics',
  severity: 'error',
  fixable: true,
  *key(key) {
    const { text, template, operation } = key
    if (
      template === undefined ||
      (key.mended !== undefined &&
        key.mended.text.trim() !== text.trim() &&
        !/^\s/.test(key.mended.text) &&
        startsWell(key.mended.text))
    )
      return
    const [first] = template.parts
    if (first?.kind !== 'literal' || /^[a-z][a-z0-9+.-]*:/i.test(first.text.trimStart())) return
    if (hasServers(key)) return
    const name = text.trim()
    const isMethod = (operationMethods as readonly string[]).includes(name.toLowerCase())
    if (isMethod) {
      yield inText(
        key,
        `Expected a URL or an expression as a callback key, but found the method ${quoted(name)}: the level of the callback key is missing.`,
      )
      return
    }
    const meant = operation === undefined ? [] : namedLikewise(operation, name)
    const [only] = meant
    const mended = `{${only}}`
    yield inText(
      key,
      `A callback is sent to a URL, and ${quoted(text)} is none: expected an expression, or text that starts with "https://".${didYouMean(meant.map((one) => `{${one}}`))}`,
      only === undefined
        ? { start: 0, end: text.length }
        : {
            start: 0,
            end: text.length,
            suggestion: mended,
            fix: meant.length === 1 ? fileEdits(key, [{ span: { start: 0, end: text.length }, text: mended }]) : undefined,
          },
    )
  },
}

function startsWell(text: string): boolean {
  return /^(?:\{|\$|[a-z][a-z0-9+.-]*:)/i.test(text)
}

/** OAS, Path Item Object and Operation Object: their `servers` are what a relative URL is resolved against. */
function hasServers({ pathItem, at }: KeySubject): boolean {
  if (pathItem === undefined) return serversAt(at) !== undefined
  return [...pathItem.parts, ...pathItem.operations.map((operation) => operation.at)].some(
    (holder) => serversAt(holder) !== undefined,
  )
}
