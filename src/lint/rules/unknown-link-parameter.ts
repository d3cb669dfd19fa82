import { type Operation, parametersOf, similarNames } from '../../openapi/index.ts'
import type { Rule } from '../rule.ts'
import { apiKeysOf, requestParameter } from '../subject/index.ts'
import { linkParameter } from './link-parameter.ts'
import { atMember, didYouMean } from './support.ts'

/** OAS, Link Object: the keys of `parameters` are names of the target operation's parameters, `path.id` where a name is not enough. */
export const unknownLinkParameter: Rule = {
  name: 'unknown-link-parameter',
  summary: 'A link passes a parameter that its target does not declare.',
  group: 'links',
  severity: 'error',
  fixable: false,
  *link({ values, target }) {
    if (target.kind !== 'operation') return
    const { parameters, failures } = parametersOf(target.operation)
    if (failures.length > 0) return
    for (const { parameter: name, at } of values) {
      if (name === undefined || linkParameter(parameters, name).length > 0 || isPartOfRequest(target.operation, name)) continue
      const near = similarNames(
        parameters.map((one) => one.name),
        linkName(name),
        3,
      )
      const { method, path } = target.operation
      yield atMember(
        at,
        `${method} ${path}, where this link leads, declares no parameter ${JSON.stringify(name)}.${didYouMean(near)}`,
        near[0] === undefined ? {} : { suggestion: name.slice(0, name.length - linkName(name).length) + near[0] },
      )
    }
  },
}

const locations = ['path', 'query', 'header', 'cookie'] as const

/** What requests have without a Parameter Object of that name: `Authorization`, API keys, members of an object in the query. */
function isPartOfRequest(operation: Operation, key: string): boolean {
  const wanted = locations.filter((location) => key.startsWith(`${location}.`))
  const name = wanted.length === 0 ? key : linkName(key)
  return (wanted.length === 0 ? locations : wanted).some((location) =>
    location === 'cookie'
      ? apiKeysOf(operation).keys.some((one) => one.in === 'cookie' && one.name === name)
      : requestParameter(operation, location, name).kind !== 'undeclared',
  )
}

function linkName(name: string): string {
  return name.replace(/^(?:path|query|header|cookie)\./, '')
}
