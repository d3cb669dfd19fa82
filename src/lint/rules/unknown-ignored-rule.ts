import {
  child,
  isObjectValue,
  items,
  type Located,
  members,
  type OpenApiDescription,
  rootOf,
  similarNames,
} from '../../openapi/index.ts'
import { inlineField } from '../inline-ignore.ts'
import type { Finding, Rule } from '../rule.ts'
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
      for (const at of ignoresIn(description)) yield* unknownIn(at, ruleNames())
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

function* ignoresIn({ files }: OpenApiDescription): Iterable<Located> {
  const seen = new Set<unknown>()
  for (const file of files.values()) {
    // Few documents have one, and to look at every object of the others would take long.
    if (file.source !== undefined && !file.source.text.includes(inlineField)) continue
    const open = [rootOf(file)]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (typeof at.value !== 'object' || seen.has(at.value)) continue
      seen.add(at.value)
      const own = isObjectValue(at) ? child(at, inlineField) : undefined
      if (own !== undefined) yield own
      open.push(...members(at).map((member) => member.at), ...items(at))
    }
  }
}
