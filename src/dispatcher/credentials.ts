import { type HeaderFields, withQuery } from '../http/index.ts'
import type { ClientIdentity } from '../outbound/index.ts'
import type { Outcome } from './delivery.ts'

/**
 * Fetches a secret by the name that a request has stored, before every attempt. `refresh`: the one it gave before was refused with 401.
 *
 * A text is a token, a key, or whatever stands behind the name of the scheme; user name and password are for `basic`, certificate and key for
 * `mutualTLS`. When it throws, or has not answered in 10 seconds, the attempt is not made and not counted, and it is asked again until it
 * answers; what it throws is told to nobody, since it could hold a secret. An answer that is no secret, such as an empty text, counts as an
 * attempt that failed: a secret that is gone for good ends the delivery with its schedule.
 */
export type CredentialsFor = (name: string, options: { readonly refresh: boolean }) => Credential | Promise<Credential>

export type Credential = string | { readonly username: string; readonly password: string } | ClientIdentity

/** As `metadata.credentials` of a request says how a secret is used. */
type CredentialUse = TextUse | { readonly name: string; readonly kind: 'mutualTLS' }

type TextUse =
  | { readonly name: string; readonly kind: 'bearer' | 'basic' }
  | { readonly name: string; readonly kind: 'apiKey'; readonly in: string; readonly field: string }
  | { readonly name: string; readonly kind: 'http'; readonly scheme: string }

/** A request with its secrets, and what must not be told of it. */
export interface Authorized {
  readonly url: string
  readonly headers: HeaderFields
  readonly secrets: readonly string[]
  /** For the connection. */
  readonly identity?: ClientIdentity
}

/** The secret could not be had: trouble of ours. */
export class CredentialsFailure extends Error {
  readonly code: string = 'ERR_CREDENTIALS_FAILED'
}
/** There is an answer, and it is no secret. To ask again may help, but not for ever. */
class CredentialsUnusable extends CredentialsFailure {
  override readonly code: string = unusableCode
}
export const unusableCode = 'ERR_CREDENTIALS_UNUSABLE'
/** No secret may be sent with such a request, or nobody knows how: final. */
export class CredentialsRefusal extends Error {}

/** Which secrets a request needs; `undefined` when it needs none. Throws a `CredentialsRefusal`. */
export function credentialUses(metadata: Readonly<Record<string, unknown>>): readonly CredentialUse[] | undefined {
  const { credentials } = metadata
  if (credentials === undefined) return undefined
  if (!Array.isArray(credentials)) throw new CredentialsRefusal('Expected "metadata.credentials" to be an array.')
  const uses = credentials.flatMap(useOf)
  return uses.length === 0 ? undefined : uses
}

/** Adds the secrets to a request. Throws a `CredentialsFailure` or a `CredentialsRefusal`, neither of which holds one. */
export async function authorize(
  url: string,
  headers: HeaderFields,
  uses: readonly CredentialUse[],
  credentials: CredentialsFor,
  refresh: boolean,
): Promise<Authorized> {
  if (!isConfidential(url))
    throw new CredentialsRefusal('Expected a URL that starts with "https://": credentials go nowhere else.')
  let authorized: Authorized = { url, headers, secrets: [] }
  for (const use of uses) {
    let credential: Credential
    try {
      credential = await credentials(use.name, { refresh })
    } catch {
      throw new CredentialsFailure(`The credentials ${JSON.stringify(use.name)} could not be had.`)
    }
    authorized =
      use.kind === 'mutualTLS' ? withIdentity(authorized, use, credential) : apply(authorized, use, textOf(use, credential))
  }
  return authorized
}

/** What a receiver, or an error, may have echoed is not kept. */
export function withoutSecrets(outcome: Outcome, secrets: readonly string[]): Outcome {
  const known = [...new Set(secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]))]
    .filter((secret) => secret.length >= shortestSecret)
    .sort((a, b) => b.length - a.length)
  if (known.length === 0) return outcome
  const clean = (text: string): string => known.reduce((left, secret) => left.replaceAll(secret, '***'), text)
  switch (outcome.kind) {
    case 'response': {
      const headers: Record<string, string | readonly string[]> = {}
      for (const [name, value] of Object.entries(outcome.headers)) {
        if (value !== undefined) headers[name] = typeof value === 'string' ? clean(value) : value.map(clean)
      }
      // Byte for byte, whatever the charset is.
      const text = Buffer.from(outcome.body).toString('latin1')
      const cleaned = known.reduce((left, secret) => left.replaceAll(Buffer.from(secret).toString('latin1'), '***'), text)
      return { ...outcome, headers, body: cleaned === text ? outcome.body : new Uint8Array(Buffer.from(cleaned, 'latin1')) }
    }
    case 'refused':
      return { ...outcome, message: clean(outcome.message), detail: clean(outcome.detail) }
    case 'failed':
      return { ...outcome, message: clean(outcome.message) }
    case 'unbuildable':
      return { ...outcome, problem: clean(outcome.problem) }
    case 'declined':
    case 'unknown':
      return outcome
  }
}

const shortestSecret = 4

function useOf(value: unknown): readonly CredentialUse[] {
  const use = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>
  const { name, kind, scheme, field, in: location } = use
  if (typeof name === 'string') {
    if (kind === 'bearer' || kind === 'basic' || kind === 'mutualTLS') return [{ name, kind }]
    if (kind === 'http' && typeof scheme === 'string' && isToken(scheme)) return [{ name, kind, scheme }]
    if (kind === 'apiKey' && typeof field === 'string' && typeof location === 'string') {
      if (location === 'query' || ((location === 'header' || location === 'cookie') && isToken(field))) {
        return [{ name, kind, in: location, field }]
      }
    }
  }
  throw new CredentialsRefusal(`Expected credentials whose use is known, found ${JSON.stringify(value)}.`)
}

function withIdentity(authorized: Authorized, { name }: CredentialUse, credential: unknown): Authorized {
  if (authorized.identity !== undefined) throw new CredentialsRefusal('Expected one client certificate, found two.')
  const { cert, key, passphrase } = (
    typeof credential === 'object' && credential !== null ? credential : {}
  ) as Partial<ClientIdentity>
  if (!isPem(cert) || !isPem(key) || !(passphrase === undefined || typeof passphrase === 'string')) {
    throw new CredentialsUnusable(
      `Expected the credentials ${JSON.stringify(name)} to be a client certificate and its key ("cert", "key").`,
    )
  }
  return { ...authorized, identity: { cert, key, ...(passphrase === undefined ? {} : { passphrase }) } }
}

function isPem(value: unknown): value is string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array
}

function apply({ url, headers, secrets, ...others }: Authorized, use: TextUse, text: string): Authorized {
  const known = [...secrets, text]
  if (use.kind !== 'apiKey') {
    const scheme = use.kind === 'http' ? use.scheme : use.kind === 'bearer' ? 'Bearer' : 'Basic'
    return { ...others, url, headers: { ...headers, authorization: `${scheme} ${text}` }, secrets: known }
  }
  if (use.in === 'header') return { ...others, url, headers: { ...headers, [use.field.toLowerCase()]: text }, secrets: known }
  if (use.in === 'query') {
    const pair = `${encodeURIComponent(use.field)}=${encodeURIComponent(text)}`
    return { ...others, url: withQuery(url, pair), headers, secrets: known }
  }
  const before = headers.cookie === undefined ? [] : [headers.cookie].flat()
  return { ...others, url, headers: { ...headers, cookie: [...before, `${use.field}=${text}`].join('; ') }, secrets: known }
}

function textOf({ name, kind }: TextUse, credential: Credential): string {
  const given: unknown = credential
  let text: string | undefined
  if (typeof given === 'string') text = given
  else if (kind === 'basic' && typeof given === 'object' && given !== null) {
    const { username, password } = given as Partial<Record<string, unknown>>
    // RFC 7617, 2: the first colon ends the user name.
    if (typeof username === 'string' && typeof password === 'string' && !username.includes(':')) {
      text = Buffer.from(`${username}:${password}`).toString('base64')
    }
  }
  // One that no field can carry would end the delivery, not only this attempt.
  if (text !== undefined && /^[!-~](?:[ -~]*[!-~])?$/.test(text)) return text
  throw new CredentialsUnusable(
    `Expected the credentials ${JSON.stringify(name)} to be printable ASCII, or user name and password.`,
  )
}

/** Loopback stays on this machine. What cannot be parsed is refused by the policy, and sent nowhere. */
export function isConfidential(url: string): boolean {
  if (!URL.canParse(url)) return true
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || /^(?:127(?:\.\d+){3}|\[::1\]|(?:.+\.)?localhost)$/.test(hostname)
}

function isToken(text: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)
}
