import { type CallbackRequest, fieldLines } from '../http/index.ts'
import { strictTextOf } from '../util/index.ts'

/** A request as a line for a POSIX shell. Secrets are not part of a request: they are shell variables of the name of their scheme. */
export function curlFor({ method, url, headers, body, metadata }: CallbackRequest): string {
  // With --request HEAD, curl would wait for a body that never comes.
  const parts = ['curl', '--globoff', ...(method === 'HEAD' ? ['--head'] : ['--request', quoted(method)])]
  for (const name of Object.keys(headers))
    for (const line of fieldLines(headers, name)) parts.push('--header', quoted(line === '' ? `${name};` : `${name}: ${line}`))
  const uses = usesOf(metadata?.credentials)
  parts.push(...uses.flatMap(credentialOptions))
  const target = quoted(url) + uses.map((use) => inQuery(use, url)).join('')
  const left = uses.filter((use) => credentialOptions(use).length === 0 && inQuery(use, url) === '')
  const line = lineFor(parts, body, target)
  return left.length === 0 ? line : `${line} # and ${left.map(({ name, kind }) => `${kind} ${JSON.stringify(name)}`).join(', ')}`
}

function lineFor(parts: readonly string[], body: Uint8Array | undefined, target: string): string {
  if (body === undefined) return [...parts, target].join(' ')
  const text = strictTextOf(body)
  if (text !== undefined && !text.includes('\0')) return [...parts, '--data-raw', quoted(text), target].join(' ')
  const base64 = Buffer.from(body).toString('base64')
  return `printf %s ${quoted(base64)} | base64 -d | ${[...parts, '--data-binary', '@-', target].join(' ')}`
}

/** Between single quotes a POSIX shell obeys nothing. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

interface Use {
  readonly name: string
  readonly kind: string
  readonly in?: string
  readonly field?: string
}

function usesOf(credentials: unknown): readonly Use[] {
  return Array.isArray(credentials) ? (credentials as Use[]) : []
}

/** `"$NAME"`: names that differ only in other characters than letters and digits would be one variable, so those are written out. */
function variable({ name }: Use): string {
  const readable = name.replace(/[^A-Za-z0-9_-]/gu, (character) => `_${character.codePointAt(0)?.toString(16)}_`)
  return `$${readable
    .replaceAll('-', '_')
    .replace(/^(?=\d)/, '_')
    .toUpperCase()}`
}

function credentialOptions(use: Use): readonly string[] {
  if (use.kind === 'bearer') return ['--header', `"Authorization: Bearer ${variable(use)}"`]
  if (use.kind === 'basic') return ['--user', `"${variable(use)}"`]
  if (use.kind !== 'apiKey' || use.field === undefined) return []
  if (use.in === 'header') return ['--header', `${quoted(`${use.field}: `)}"${variable(use)}"`]
  return use.in === 'cookie' ? ['--cookie', `${quoted(`${use.field}=`)}"${variable(use)}"`] : []
}

function inQuery(use: Use, url: string): string {
  if (use.kind !== 'apiKey' || use.in !== 'query' || use.field === undefined) return ''
  return `${quoted(`${url.includes('?') ? '&' : '?'}${encodeURIComponent(use.field)}=`)}"${variable(use)}"`
}
