import { isSecretField, isSecretParameter } from '../http/index.ts'

const mark = 'REDACTED'

/**
 * A callback URL, or any text with one in it, without its secret: in the path (`<id>.<secret>`, also percent-encoded), alone where it has the
 * 256 bits of ours, in a `t` parameter (profile `utask`), and in parameters that are secrets by their names, or named here. Ids stay: they are
 * public.
 */
export function redactUrl(url: string, parameters: readonly string[] = []): string {
  const isSecret = (name: string): boolean => name === 't' || isSecretIn(name, parameters)
  return (
    url
      .replace(/([A-Za-z0-9_-]{22})(\.|%(?:25)*2e)[^/?#&\s"'<>]+/gi, `$1$2${mark}`)
      .replace(/(?<![\w+/-])[\w-]{43}(?![\w+/=-])/g, mark)
      .replace(/([?&])([^=?&#\s"'<>]+)=([^&#\s"'<>]*)/g, (pair, start: string, name: string) =>
        isSecret(decoded(name)) ? `${start}${name}=${mark}` : pair,
      )
      // A URL inside of a URL: what ends a value is encoded there as well.
      .replace(
        /(%(?:25)*(?:3f|26))((?:(?!%(?:25)*(?:3d|26|23))[^=?&#\s"'<>]){1,100})(%(?:25)*3d)(?:(?!%(?:25)*(?:26|23))[^&#\s"'<>])*/gi,
        redactInner,
      )
  )

  function redactInner(pair: string, start: string, name: string, equals: string): string {
    return isSecret(decoded(name)) ? `${start}${name}${equals}${mark}` : pair
  }
}

/** The value of a header field as it may be shown. What is in front of us writes whole URLs into fields of its own. */
export function redactField(name: string, value: string): string {
  return isSecretField(name) ? mark : redactUrl(value)
}

/** A query, without the question mark, as it may be shown; `also`: further parameters that are secrets. */
export function redactQuery(query: string, also: readonly string[] = []): string {
  return query
    .split('&')
    .map((pair) => {
      const equals = pair.indexOf('=')
      const name = equals === -1 ? pair : pair.slice(0, equals)
      return isSecretIn(decoded(name), also) && equals !== -1 ? `${name}=${mark}` : redactUrl(pair)
    })
    .join('&')
}

function isSecretIn(name: string, also: readonly string[]): boolean {
  return isSecretParameter(name) || also.includes(name)
}

/** A name as its reader will see it, whatever it was encoded to, and however often. */
function decoded(name: string): string {
  let text = name.replaceAll('+', ' ')
  // Thrice is more than anything in front of us does.
  for (let i = 0; i < 3 && text.includes('%'); i++) {
    try {
      text = decodeURIComponent(text)
    } catch {
      return text
    }
  }
  return text.trim()
}
