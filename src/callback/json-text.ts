/** `undefined`: JSON has no form for the value (a function, a BigInt, a cycle). */
export function jsonText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
