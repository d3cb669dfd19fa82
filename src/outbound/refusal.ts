/** The rules of the URL policy, by the names of the conformance data. */
export type RefusalRule =
  | 'empty'
  | 'too-long'
  | 'control-space-or-backslash'
  | 'unresolved-expression'
  | 'not-absolute-http'
  | 'unparseable'
  | 'userinfo'
  | 'https-only'
  | 'port'
  | 'single-label'
  | 'private-name'
  | 'template-scheme-changed'
  | 'template-authority-changed'
  | 'special-v4'
  | 'special-v6'
  | 'outside-2000::/3'
  | 'nat64-special'
  | 'scoped-address'
  | 'not-an-address'

/** Why a URL or an address is refused. A refusal is final: the same URL is refused again under the same policy. */
export interface Refusal {
  readonly rule: RefusalRule
  /** Safe to show to whoever gave the URL: never says what a name resolved to, nor whether anything listens there. */
  readonly message: string
  /** For the operator's log: may name the address. */
  readonly detail: string
}

const messages: Readonly<Record<RefusalRule, string>> = {
  empty: 'Expected an absolute http or https URL, found an empty text.',
  'too-long': 'Expected a URL of at most 8192 characters.',
  'control-space-or-backslash': 'Expected a URL without spaces, control characters and backslashes; percent-encode them.',
  'unresolved-expression': 'Expected a URL without "{" and "}": a part of the callback key was not resolved.',
  'not-absolute-http': 'Expected an absolute URL that starts with "https://" or "http://", followed by a host.',
  unparseable: 'Expected a valid URL: its host or its port cannot be read.',
  userinfo: 'Expected a URL without user name and password; they must not stand before the host.',
  'https-only': 'Expected a URL that starts with "https://".',
  port: 'Expected port 80, 443, or one above 1023 that no other protocol has reserved.',
  'single-label': 'Expected a fully qualified host name or a public address.',
  'private-name': 'Expected a host name of the public Internet.',
  'template-scheme-changed': 'Expected the scheme that the API description fixes for this callback.',
  'template-authority-changed': 'Expected the host and port that the API description fixes for this callback.',
  'special-v4': 'The host is not one that callbacks may be sent to.',
  'special-v6': 'The host is not one that callbacks may be sent to.',
  'outside-2000::/3': 'The host is not one that callbacks may be sent to.',
  'nat64-special': 'The host is not one that callbacks may be sent to.',
  'scoped-address': 'The host is not one that callbacks may be sent to.',
  'not-an-address': 'The host is not one that callbacks may be sent to.',
}

export function refusal(rule: RefusalRule, detail: string): Refusal {
  return { rule, message: messages[rule], detail }
}
