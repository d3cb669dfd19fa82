const mark = 'REDACTED'

/**
 * A callback URL, or any text with one in it, without its secret: in the path (`<id>.<secret>`, also percent-encoded), in a `t` parameter
 * (profile `utask`), and in the parameters named. Ids stay: they are public.
 */
export function redactUrl(url: string, parameters: readonly string[] = []): string {
  const inPath = url.replace(/([A-Za-z0-9_-]{22})(\.|%2e)[^/?#&\s"'<>]+/gi, `$1$2${mark}`)
  const names = ['t', ...parameters].map((name) => name.replace(/[^\w-]/g, '\\$&')).join('|')
  return inPath.replace(new RegExp(`([?&](?:${names})=)[^&#\\s"'<>]*`, 'g'), `$1${mark}`)
}

const secretWords = 'signature|token|secret|passw(?:or)?d|credential|api[-_]?key|access[-_]?key'
const secretFields = new RegExp(
  `^(?:authorization|proxy-authorization|authentication-info|cookie|set-cookie2?|x-auth(?:-.*)?|x-session(?:-.*)?)$|${secretWords}`,
  'i',
)
const secretParameters = new RegExp(`^(?:sig|key|code|auth|pwd|pass|session|sid|jwt)$|${secretWords}`, 'i')

/** The value of a header field as it may be shown. What is in front of us writes whole URLs into fields of its own. */
export function redactField(name: string, value: string): string {
  return secretFields.test(name) ? mark : redactUrl(value)
}

/** A query, without the question mark, as it may be shown; `also`: further parameters that are secrets. */
export function redactQuery(query: string, also: readonly string[] = []): string {
  return query
    .split('&')
    .map((pair) => {
      const equals = pair.indexOf('=')
      const name = equals === -1 ? pair : pair.slice(0, equals)
      const isSecret = secretParameters.test(name) || also.includes(name)
      return isSecret && equals !== -1 ? `${name}=${mark}` : redactUrl(pair)
    })
    .join('&')
}
