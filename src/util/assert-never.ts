/** Ends a switch over a discriminated union: the compiler refuses the call while a case is missing. */
export function assertNever(value: never): never {
  throw new TypeError(`Unhandled case: ${JSON.stringify(value)}`)
}
