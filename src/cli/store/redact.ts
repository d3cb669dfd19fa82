import { redactUrl } from '../../receiver/index.ts'

const mark = 'REDACTED'

/** A URL without what may be a secret in it: user and password, query, fragment, and the token of an endpoint in the path. */
export function shownUrl(text: string): string {
  if (!URL.canParse(text)) return text === '' ? '' : mark
  const url = new URL(text)
  const user = url.username === '' && url.password === '' ? '' : `${mark}@`
  const query = url.search === '' ? '' : `?${mark}`
  const fragment = url.hash === '' ? '' : `#${mark}`
  return redactUrl(`${url.protocol}//${user}${url.host}${url.pathname}${query}${fragment}`)
}
