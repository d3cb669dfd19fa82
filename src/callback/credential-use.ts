import { child, isRecord, type Located, type Operation } from '../openapi/index.ts'
import { err, ok, type Result } from '../util/index.ts'
import { declaredRequestOf } from './declared-request.ts'
import type { RequestProblem } from './request-problem.ts'

/**
 * A credential that a request needs, by the name of its Security Scheme: whoever sends the request asks the application for the secret before
 * each attempt. Never the secret itself, so that it can be stored.
 */
export type CredentialUse =
  | { readonly name: string; readonly kind: 'bearer' | 'basic' | 'mutualTLS' }
  | { readonly name: string; readonly kind: 'apiKey'; readonly in: 'header' | 'query' | 'cookie'; readonly field: string }
  /** Another scheme of HTTP authentication. */
  | { readonly name: string; readonly kind: 'http'; readonly scheme: string }
  /** The description does not say how it is used. */
  | { readonly name: string; readonly kind: 'unknown' }

/**
 * Which credentials a callback operation asks for. Only its own `security` counts: what the document says at its top is for callers of the
 * API, and must not be sent to whoever gave us a URL.
 *
 * `available`: the names that the application has. The first alternative that needs nothing else is taken, one that needs something before
 * the empty one. Without it: the empty alternative if there is one, else the first.
 */
export function credentialsFor(
  operation: Operation,
  available: readonly string[] | undefined,
): Result<readonly CredentialUse[], RequestProblem> {
  const { security: alternatives } = declaredRequestOf(operation)
  if (alternatives.length === 0) return ok([])
  const chosen =
    available === undefined
      ? (alternatives.find((names) => names.length === 0) ?? alternatives[0])
      : (alternatives.find((names) => names.length > 0 && names.every((name) => available.includes(name))) ??
        alternatives.find((names) => names.length === 0))
  if (chosen === undefined) {
    const wanted = alternatives.map((names) => names.join(' and ')).join(', or ')
    const message = `Expected credentials for the callback's security (${wanted}) but found ${available?.join(', ') || 'none'}.`
    return err({ reason: 'credentials-missing', alternatives, message })
  }
  return ok(chosen.map((name) => useOf(operation, name)))
}

function useOf(operation: Operation, name: string): CredentialUse {
  const { description } = operation
  const components = child(description.root, 'components')
  const schemes = components && child(components, 'securitySchemes')
  const at = schemes && child(schemes, name)
  const resolved = at && description.resolve(at)
  return resolved?.ok && isRecord(resolved.value.value)
    ? schemeUse(name, resolved.value as Located<Readonly<Record<string, unknown>>>)
    : { name, kind: 'unknown' }
}

function schemeUse(name: string, { value }: Located<Readonly<Record<string, unknown>>>): CredentialUse {
  const { type, in: location, name: field } = value
  const scheme = typeof value.scheme === 'string' ? value.scheme.toLowerCase() : ''
  if (type === 'http') return scheme === 'bearer' || scheme === 'basic' ? { name, kind: scheme } : { name, kind: 'http', scheme }
  if (type === 'oauth2' || type === 'openIdConnect') return { name, kind: 'bearer' }
  if (type === 'mutualTLS') return { name, kind: 'mutualTLS' }
  if (
    type === 'apiKey' &&
    typeof field === 'string' &&
    (location === 'header' || location === 'query' || location === 'cookie')
  ) {
    return { name, kind: 'apiKey', in: location, field }
  }
  return { name, kind: 'unknown' }
}
