/**
 * Whether a path that was appended to another leads out of it somewhere down the line: dot segments, also percent-encoded once or more, behind
 * the backslash that URL parsers read as a slash (WHATWG URL, 4.4), and before the parameters that some servers cut off (`..;a`).
 */
export function leavesItsPlace(subPath: string): boolean {
  // What a parser takes out may stand between two dots.
  const path = subPath.replace(/%(?:25)+/gi, '%').replace(/[\t\n\r]|%0[9ad]/gi, '')
  return path.split(/[/\\]|%2f|%5c/i).some((segment) => /^(?:\.|%2e){1,2}(?:;|%3b|$)/i.test(segment))
}
