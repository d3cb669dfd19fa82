import { parametersOf } from '../../openapi/index.ts'
import type { Finding, Rule } from '../rule.ts'
import type { ExpressionUse, KeySubject } from '../subject/index.ts'
import { inText, inUse, quoted } from './support.ts'

/** An integer, an object or a boolean is never the address of a callback; nor are a method and a status code. */
export const notAUrl: Rule = {
  name: 'not-a-url',
  summary: 'What a callback key evaluates to cannot be a URL.',
  group: 'semantics',
  severity: 'error',
  fixable: false,
  *use(use) {
    if (use.subject.kind === 'key') yield* ofUse(use)
  },
  *key(key) {
    yield* ofLiteral(key)
  },
}

function* ofUse(use: ExpressionUse): Iterable<Finding> {
  const { resolution, position } = use
  const atStart = position === 'whole' || position === 'start'
  if (resolution?.kind === 'own' && resolution.of !== 'url' && atStart)
    yield inUse(use, `A callback is sent to a URL, and ${resolution.of === 'method' ? 'a method' : 'a status code'} is none.`)
  if (resolution?.kind !== 'found' || resolution.traits === undefined) return
  const types = resolution.traits.types.filter((type) => type !== 'null')
  if (types.length === 0) return
  if (atStart && types.every((type) => type !== 'string' && type !== 'array'))
    yield inUse(use, `A callback is sent to a URL, and this is ${oneOf(types)}.`)
  if (!atStart && types.every((type) => type === 'object' || type === 'array') && !isOneText(use))
    yield inUse(use, `This is ${oneOf(types)}, which cannot be part of a URL.`, { severity: 'warning' })
}

/** What travels under the name of a parameter or header is one text: `1,2,3`, or JSON. Only of a deepObject nothing has that very name. */
function isOneText({ expression, subject }: ExpressionUse): boolean {
  if (expression.kind !== 'request' && expression.kind !== 'response') return false
  const { source } = expression
  if (source.kind === 'body-reference') return false
  if (source.kind !== 'query-reference' || subject.operation === undefined) return true
  const named = parametersOf(subject.operation).parameters.find((one) => one.in === 'query' && one.name === source.name)
  return (named?.object.value as { readonly style?: unknown } | undefined)?.style !== 'deepObject'
}

function* ofLiteral(key: KeySubject): Iterable<Finding> {
  const { template, text, mended } = key
  if (template === undefined || mended !== undefined || template.parts[0]?.kind !== 'literal') return
  const isLiteral = template.parts.every(({ kind }) => kind === 'literal')
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(template.parts[0].text)?.[1]?.toLowerCase()
  if (scheme === undefined) return
  if (scheme === 'http' || scheme === 'https') {
    if (isLiteral && (!URL.canParse(text) || !/^https?:\/\//i.test(text)))
      yield inText(key, `${quoted(text)} is no valid URL.`, { start: 0, end: text.length })
  } else
    yield inText(key, `A callback is an HTTP request, and ${quoted(`${scheme}:`)} is not its scheme.`, {
      start: 0,
      end: scheme.length + 1,
      // A web socket begins as an HTTP request, and some describe it so.
      ...(scheme === 'ws' || scheme === 'wss' ? { severity: 'info' as const } : {}),
    })
}

function oneOf(types: readonly string[]): string {
  return types.map((type) => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`)).join(' or ')
}
