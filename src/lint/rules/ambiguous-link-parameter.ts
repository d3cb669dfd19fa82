import { parametersOf } from '../../openapi/index.ts'
import type { Rule } from '../rule.ts'
import { linkParameter } from './link-parameter.ts'
import { atMember, listed } from './support.ts'

/** `id` may be both `path.id` and `query.id`. */
export const ambiguousLinkParameter: Rule = {
  name: 'ambiguous-link-parameter',
  summary: 'A link passes a parameter whose name the target has in several places.',
  group: 'links',
  severity: 'warning',
  fixable: false,
  *link({ values, target }) {
    if (target.kind !== 'operation') return
    const { parameters } = parametersOf(target.operation)
    for (const { parameter: name, at } of values) {
      const meant = name === undefined ? [] : linkParameter(parameters, name)
      if (meant.length < 2) continue
      yield atMember(
        at,
        `Several parameters of the target have this name: write ${listed(meant.map((one) => `${one.in}.${one.name}`))}.`,
      )
    }
  },
}
