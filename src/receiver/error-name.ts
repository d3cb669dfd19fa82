/** Of what was thrown, all that an event may tell: its words may quote what was sent. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}
