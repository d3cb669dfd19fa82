import { items, type Located, similarNames } from '../../openapi/index.ts'
import { inlineField } from '../inline-ignore.ts'
import type { Finding, Rule } from '../rule.ts'
import { fieldsIn } from './fields-in.ts'
import { atValue, didYouMean, quoted } from './support.ts'

/** A slip in `x-ringback-ignore` would silence nothing, and nobody would know. */
export function unknownIgnoredRule(ruleNames: () => readonly string[]): Rule {
  return {
    name: 'unknown-ignored-rule',
    summary: '"x-ringback-ignore" names a rule that does not exist.',
    group: 'structure',
    severity: 'warning',
    fixable: false,
    *description(description) {
      for (const at of fieldsIn(description, inlineField)) yield* unknownIn(at, ruleNames())
    },
  }
}

function* unknownIn(at: Located, known: readonly string[]): Iterable<Finding> {
  if (typeof at.value === 'boolean') return
  if (typeof at.value !== 'string' && !Array.isArray(at.value))
    yield atValue(at, `Expected true, the name of a rule, or a list of names but found ${quoted(JSON.stringify(at.value))}.`)
  for (const name of typeof at.value === 'string' ? [at] : items(at)) {
    if (typeof name.value === 'string' && known.includes(name.value)) continue
    const near = typeof name.value === 'string' ? similarNames(known, name.value, 3) : []
    yield atValue(
      name,
      `There is no rule ${typeof name.value === 'string' ? quoted(name.value) : JSON.stringify(name.value)}.${didYouMean(near)}`,
      near[0] === undefined ? {} : { suggestion: near[0] },
    )
  }
}
