/** Whether this runtime lets text become code, as the validator library needs it. Workers and strict content security policies do not. */
export function canGenerateCode(): boolean {
  try {
    new Function('')
    return true
  } catch {
    return false
  }
}
