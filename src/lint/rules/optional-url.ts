import type { Rule } from '../rule.ts'
import { inUse } from './support.ts'

/** Legal and common: whoever does not send the URL does not want the callback. */
export const optionalUrl: Rule = {
  name: 'optional-url',
  summary: 'What a callback key reads is optional: where it is absent, no callback is sent.',
  group: 'semantics',
  severity: 'info',
  fixable: false,
  *use(use) {
    const { resolution, subject } = use
    if (subject.kind !== 'key' || resolution?.kind !== 'found' || resolution.required) return
    yield inUse(use, 'This is optional. Without it there is no URL, and the callback is not sent.')
  },
}
