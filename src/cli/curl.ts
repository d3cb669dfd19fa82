import { type CallbackRequest, fieldLines } from '../http/index.ts'
import { strictTextOf } from '../util/index.ts'

/** A request as a line for a POSIX shell. Secrets are not part of a request: they are shell variables of the name of their scheme. */
export function curlFor({ method, url, headers, body, metadata }: CallbackRequest): string {
  const parts = ['curl', '--globoff', '--request', quoted(method)]
  for (const name of Object.keys(headers))
    for (const line of fieldLines(headers, name)) parts.push('--header', quoted(`${name}: ${line}`))
  parts.push(...credentialsOf(metadata?.credentials))
  if (body === undefined) return [...parts, quoted(url)].join(' ')
  const text = strictTextOf(body)
  if (text !== undefined && !text.includes('\0')) return [...parts, '--data-raw', quoted(text), quoted(url)].join(' ')
  const base64 = Buffer.from(body).toString('base64')
  return `printf %s ${quoted(base64)} | base64 -d | ${[...parts, '--data-binary', '@-', quoted(url)].join(' ')}`
}

/** Between single quotes a POSIX shell obeys nothing. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function credentialsOf(uses: unknown): readonly string[] {
  if (!Array.isArray(uses)) return []
  return uses.flatMap((use: { readonly name: string; readonly kind: string; readonly in?: string; readonly field?: string }) => {
    const variable = `$${use.name.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase()}`
    if (use.kind === 'bearer') return ['--header', `"Authorization: Bearer ${variable}"`]
    if (use.kind === 'basic') return ['--user', `"${variable}"`]
    if (use.kind === 'apiKey' && use.in === 'header' && use.field !== undefined) {
      return ['--header', `${quoted(`${use.field}: `)}"${variable}"`]
    }
    return []
  })
}
