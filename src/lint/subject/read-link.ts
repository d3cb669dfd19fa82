import { type ExpressionTemplate, type LinkValue, readLinkValue, repair } from '../../expression/index.ts'
import { child, type Located, members } from '../../openapi/index.ts'
import { memo } from '../../util/index.ts'
import { targetOf } from './link-target.ts'
import type { LinkPlace, LinkSubject, LinkValueSubject } from './subject.ts'
import { bareTemplate, usesOf } from './uses.ts'

/** Reads the values of a Link Object and finds the operation that it leads to. */
export function readLink(link: LinkPlace): LinkSubject {
  const { object } = link
  const values =
    object === undefined
      ? []
      : [
          ...members(child(object, 'parameters')).map(({ name, at }) => readValue(link, at, name)),
          ...[child(object, 'requestBody')].flatMap((at) => (at === undefined ? [] : [readValue(link, at, undefined)])),
        ]
  return { link, object, values, target: targetOf(link) }
}

export function readValue(link: LinkPlace, at: Located, parameter: string | undefined): LinkValueSubject {
  const { response } = link
  const text = typeof at.value === 'string' ? at.value : ''
  const subject = {
    kind: 'link-value' as const,
    in: 'value' as const,
    at,
    text,
    link,
    operation: response?.operation,
    parameter,
    uses: [],
    ...understood(text),
  }
  return { ...subject, uses: usesOf(subject, response && { operation: response.operation, response }) }
}

type Understood = Pick<LinkValueSubject, 'problems' | 'mended' | 'template' | 'looksLikeExpression'>

const constant: Understood = { problems: [], mended: undefined, template: undefined, looksLikeExpression: false }

const understood = memo(understand, 1_000)

function understand(text: string): Understood {
  const value = readLinkValue(text)
  if (value.kind !== 'constant') return { ...constant, template: templateOf(value, text) }
  const broken = value.looksLikeExpression
  if (broken === undefined) return constant
  const repaired = text.includes('{$') ? repair(text, { mode: 'text' }) : repair(text, { kind: 'expression' })
  const mended = repaired?.valid ? repaired : undefined
  const again = mended && readLinkValue(mended.text)
  const template = again === undefined || again.kind === 'constant' ? undefined : templateOf(again, mended?.text ?? '')
  return {
    problems: broken.problems,
    mended: template === undefined ? undefined : mended,
    template,
    looksLikeExpression: true,
  }
}

function templateOf(value: Exclude<LinkValue, { kind: 'constant' }>, text: string): ExpressionTemplate {
  return value.kind === 'template' ? value.template : bareTemplate(value.expression, text)
}
