const mark = 'REDACTED'

/**
 * A callback URL, or any text with one in it, without its secret: in the path (`<id>.<secret>`), in a `t` parameter (profile
 * `utask`), and in the parameters named. Ids stay: they are public.
 */
export function redactUrl(url: string, parameters: readonly string[] = []): string {
  const inPath = url.replace(/([A-Za-z0-9_-]{22})\.[^/?#\s"'<>]+/g, `$1.${mark}`)
  const names = ['t', ...parameters].map((name) => name.replace(/[^\w-]/g, '\\$&')).join('|')
  return inPath.replace(new RegExp(`([?&](?:${names})=)[^&#\\s"'<>]*`, 'g'), `$1${mark}`)
}

const secretFields = /^(authorization|proxy-authorization|cookie|set-cookie)$|signature|token|secret|api-?key/i

/** The value of a header field as it may be shown. */
export function redactField(name: string, value: string): string {
  return secretFields.test(name) ? mark : value
}
