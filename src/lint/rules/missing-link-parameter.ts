import { child, parametersOf } from '../../openapi/index.ts'
import type { Rule } from '../rule.ts'
import { linkParameter } from './link-parameter.ts'
import { atMember, listed } from './support.ts'

/** Legal: a client may know the value from elsewhere. */
export const missingLinkParameter: Rule = {
  name: 'missing-link-parameter',
  summary: 'A link does not pass a parameter that its target requires.',
  group: 'links',
  severity: 'info',
  strict: 'warning',
  fixable: false,
  *link({ link, values, target, object }) {
    if (target.kind !== 'operation' || object === undefined) return
    const { parameters } = parametersOf(target.operation)
    const passed = new Set(values.flatMap(({ parameter: name }) => (name === undefined ? [] : linkParameter(parameters, name))))
    const missing = parameters.filter((one) => one.required && !passed.has(one) && !hasDefault(one.schema))
    if (missing.length === 0) return
    const { method, path } = target.operation
    yield atMember(
      link.at,
      `${method} ${path}, where this link leads, requires ${listed(missing.map(({ name }) => name))}, which the link does not pass.`,
    )
  },
}

function hasDefault(schema: Parameters<typeof child>[0] | undefined): boolean {
  return schema !== undefined && child(schema, 'default') !== undefined
}
