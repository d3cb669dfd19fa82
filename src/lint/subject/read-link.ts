import { readLinkValue, repair } from '../../expression/index.ts'
import { child, type Link, type Located, members } from '../../openapi/index.ts'
import { targetOf } from './link-target.ts'
import type { LinkSubject, LinkValueSubject } from './subject.ts'
import { bareTemplate, usesOf } from './uses.ts'

/** Reads the values of a Link Object and finds the operation that it leads to. */
export function readLink(link: Link): LinkSubject {
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

function readValue(link: Link, at: Located, parameter: string | undefined): LinkValueSubject {
  const { response } = link
  const text = typeof at.value === 'string' ? at.value : ''
  const value = readLinkValue(at.value)
  const base = {
    kind: 'link-value' as const,
    in: 'value' as const,
    at,
    text,
    link,
    operation: response.operation,
    parameter,
    uses: [],
  }
  const scope = { operation: response.operation, response }
  if (value.kind !== 'constant') {
    const template = value.kind === 'template' ? value.template : bareTemplate(value.expression, text)
    const subject = { ...base, problems: [], mended: undefined, template, looksLikeExpression: false }
    return { ...subject, uses: usesOf(subject, scope) }
  }
  const broken = value.looksLikeExpression
  if (broken === undefined) return { ...base, problems: [], mended: undefined, template: undefined, looksLikeExpression: false }
  const mode = text.includes('{$') ? 'text' : undefined
  const repaired = mode === undefined ? repair(text, { kind: 'expression' }) : repair(text, { mode })
  const mended = repaired?.valid ? repaired : undefined
  const again = mended && readLinkValue(mended.text)
  const template =
    again === undefined || again.kind === 'constant'
      ? undefined
      : again.kind === 'template'
        ? again.template
        : bareTemplate(again.expression, mended?.text ?? '')
  const subject = {
    ...base,
    problems: broken.problems,
    mended: template === undefined ? undefined : mended,
    template,
    looksLikeExpression: true,
  }
  return { ...subject, uses: usesOf(subject, scope) }
}
