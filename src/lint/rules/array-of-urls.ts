import type { Rule } from '../rule.ts'
import { inUse } from './support.ts'

/** An array is no URL, yet one callback for each item may be meant. The specification has no words for it. */
export const arrayOfUrls: Rule = {
  name: 'array-of-urls',
  summary: 'A key evaluates to an array: one callback for each item is not something that the specification knows.',
  group: 'semantics',
  severity: 'info',
  strict: 'warning',
  fixable: false,
  *use(use) {
    const { resolution, position, subject } = use
    if (subject.kind !== 'key' || resolution?.kind !== 'found' || (position !== 'whole' && position !== 'start')) return
    const types = resolution.traits?.types ?? []
    if (types.includes('array') && !types.includes('string'))
      yield inUse(
        use,
        'This is an array. If one callback is sent for each of its items, say so in the description: OpenAPI cannot.',
      )
  },
}
