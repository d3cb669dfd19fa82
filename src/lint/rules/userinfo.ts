import type { Rule } from '../rule.ts'
import { inText } from './support.ts'

/** RFC 3986, section 3.2.1: deprecated, and it publishes the password with the description. */
export const userinfo: Rule = {
  name: 'userinfo',
  summary: 'A key has a user name or password in its URL.',
  group: 'semantics',
  severity: 'warning',
  fixable: false,
  *key(key) {
    const user = /^[a-z][a-z0-9+.-]*:\/\/([^/?#\\]*@)/i.exec(key.text)
    if (user?.[1] === undefined) return
    const start = user[0].length - user[1].length
    yield inText(key, 'User name and password in a URL are published with the description, and many clients refuse them.', {
      start,
      end: user[0].length,
    })
  },
}
