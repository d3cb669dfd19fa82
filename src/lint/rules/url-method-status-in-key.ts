import type { Rule } from '../rule.ts'
import { inUse } from './support.ts'

const words = {
  url: 'the URL of the request itself',
  method: 'the method of the request',
  'status-code': 'the status code of the response',
}

/** Legal, and seldom meant: `$url` is the address of the API, not of the one who called it. */
export const urlMethodStatusInKey: Rule = {
  name: 'url-method-status-in-key',
  summary: 'A key reads "$url", "$method" or "$statusCode".',
  group: 'semantics',
  severity: 'info',
  strict: 'warning',
  fixable: false,
  *use(use) {
    const { resolution, subject } = use
    if (subject.kind === 'key' && resolution?.kind === 'own') yield inUse(use, `This is ${words[resolution.of]}.`)
  },
}
