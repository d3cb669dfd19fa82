/**
 * YAML wants the lines inside quotes and brackets to be deeper than their parent (YAML 1.2, section 6.1); authors and most parsers do
 * not care. Joins the line at `offset` to the one before it by blanks, in a text of the same length.
 */
export function repairIndentation(text: string, offset: number): string {
  const joined = joinedLine(text, offset)
  // One author writes all brackets in one way.
  if (/[}\]]/.test(text.charAt(offset))) return joinClosingLines(joined)
  const end = endOfQuotes(joined, offset)
  return end === undefined
    ? joined
    : joined.slice(0, offset) + joined.slice(offset, end).replace(/\s+/g, blanks) + joined.slice(end)
}

/** Lines with nothing but a closing bracket join the line above, unless that one has a comment or opens a block scalar. */
function joinClosingLines(text: string): string {
  return text.replace(/(?<=^[^\n#]*[^\n#|>+-])\r?\n[ \t]*(?=[}\]],?[ \t]*\r?$)/gm, blanks)
}

function joinedLine(text: string, offset: number): string {
  let start = offset
  while (start > 0 && /\s/.test(text.charAt(start - 1))) start--
  return text.slice(0, start) + ' '.repeat(offset - start) + text.slice(offset)
}

function blanks(space: string): string {
  return ' '.repeat(space.length)
}

/** Where the quoted scalar around `offset` ends, if a line above opens one. */
function endOfQuotes(text: string, offset: number): number | undefined {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1
  const opener = /(?:^|[:\-,[{]) *(["'])/g
  const line = text.slice(lineStart, offset)
  for (let match = opener.exec(line); match !== null; match = opener.exec(line)) {
    const start = lineStart + match.index + match[0].length
    const end = closingQuote(text, start, match[1] ?? '"')
    if (end > offset) return end
    opener.lastIndex = end - lineStart + 1
  }
  return undefined
}

function closingQuote(text: string, start: number, quote: string): number {
  for (let at = start; at < text.length; at++) {
    const unit = text.charAt(at)
    if (quote === '"' && unit === '\\') at++
    else if (unit === quote) {
      if (quote === '"' || text.charAt(at + 1) !== quote) return at
      at++
    }
  }
  return text.length
}
