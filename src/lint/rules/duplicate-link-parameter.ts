import { type Parameter, parametersOf } from '../../openapi/index.ts'
import type { Rule } from '../rule.ts'
import { linkParameter } from './link-parameter.ts'
import { atMember, quoted } from './support.ts'

/** `id` and `path.id` are two keys and one parameter. */
export const duplicateLinkParameter: Rule = {
  name: 'duplicate-link-parameter',
  summary: 'A link passes one parameter of its target twice, under two names.',
  group: 'links',
  severity: 'warning',
  fixable: false,
  *link({ values, target }) {
    if (target.kind !== 'operation') return
    const { parameters } = parametersOf(target.operation)
    const passed = new Map<Parameter, string>()
    for (const { parameter: name, at } of values) {
      const [only, ...others] = name === undefined ? [] : linkParameter(parameters, name)
      // Another rule speaks of names that may be several parameters.
      if (name === undefined || only === undefined || others.length > 0) continue
      const before = passed.get(only)
      if (before === undefined) passed.set(only, name)
      else yield atMember(at, `This is the ${only.in} parameter ${quoted(only.name)}, which ${quoted(before)} passes already.`)
    }
  },
}
