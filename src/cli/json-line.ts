/** One JSON object a line, for programs that read what a command prints. */
export function jsonLine(value: object): string {
  return `${JSON.stringify(value)}\n`
}
