const secretWords = 'signature|token|secret|passw(?:or)?d|credential|assertion|jwt|hmac|api[-_]?key|access[-_]?key'
/** `x-functions-key`, but not a key that tells calls apart. */
const keyAtTheEnd = '(?<!idempotency[-_])(?<=^|[-_])key$'
const secretFields = new RegExp(
  `^(?:authorization|proxy-authorization|authentication-info|cookie|set-cookie2?|x-auth(?:-.*)?|x-session(?:-.*)?|x-sig)$|${keyAtTheEnd}|${secretWords}`,
  'i',
)
const secretParameters = new RegExp(`^(?:sig|code|auth|pwd|pass|session|sid)$|${keyAtTheEnd}|${secretWords}`, 'i')

/** Whether a header field of this name is for its receiver alone. */
export function isSecretField(name: string): boolean {
  return secretFields.test(name)
}

/** The same of a query parameter, by its decoded name. */
export function isSecretParameter(name: string): boolean {
  return secretParameters.test(name)
}
