export interface JoinedLines {
  /** Same length as the original. */
  readonly text: string
  /** Offsets of the lines that were not deeper than what they belong to. */
  readonly shallow: readonly number[]
}

/**
 * Puts everything between quotes or brackets on one line, with blanks for line breaks and comments.
 *
 * YAML wants those lines to be deeper than their parent (YAML 1.2, section 6.1); authors and most parsers do not care. A reading of
 * lines, not a parser: what it gives must be parsed, and is only asked for after the original was refused.
 */
export function joinFlowLines(text: string): JoinedLines {
  const scanner = new LineScanner(text)
  while (scanner.line());
  return { text: scanner.joined(), shallow: scanner.shallow }
}

class LineScanner {
  readonly shallow: number[] = []
  readonly #text: string
  /** Half-open ranges that become blanks, in order. */
  readonly #blanks: [start: number, end: number][] = []
  #at = 0
  #lineEnd = -1
  /** Lines deeper than this belong to a scalar without quotes and are left alone. */
  #scalarAbove = Number.POSITIVE_INFINITY
  /** Column of the key or dash that the current value belongs to. */
  #parent = -1

  constructor(text: string) {
    this.#text = text
  }

  joined(): string {
    const pieces: string[] = []
    let from = 0
    for (const [start, end] of this.#blanks) {
      pieces.push(this.#text.slice(from, start), ' '.repeat(end - start))
      from = end
    }
    pieces.push(this.#text.slice(from))
    return pieces.join('')
  }

  /** Reads one line, or several that belong together. `false` at the end. */
  line(): boolean {
    if (this.#at >= this.#text.length) return false
    const start = this.#at
    this.#spaces()
    const indent = this.#at - start
    if (this.#atLineEnd()) return this.#nextLine()
    if (indent > this.#scalarAbove) return this.#nextLine()
    this.#scalarAbove = Number.POSITIVE_INFINITY
    this.#parent = indent - 1
    while (/[-?:]/.test(this.#unit()) && /\s/.test(this.#text.charAt(this.#at + 1))) {
      this.#parent = this.#at - start
      this.#at++
      this.#spaces()
    }
    this.#tokens(this.#at - start)
    return this.#nextLine()
  }

  /** Keys and values up to the end of the line. */
  #tokens(column: number): void {
    while (!this.#atLineEnd()) {
      const unit = this.#unit()
      if (unit === '"' || unit === "'") this.#quoted(unit)
      else if (unit === '[' || unit === '{') this.#flow()
      else if (unit === '&' || unit === '!' || unit === '*') this.#property()
      else if ((unit === '|' || unit === '>') && /^[|>][-+0-9]*[ \t\r]*(?:#[^\n]*)?$/.test(this.#restOfLine())) {
        this.#scalarAbove = this.#parent
        return
      } else if (!this.#plainKey()) {
        this.#scalarAbove = this.#parent
        return
      }
      this.#spaces()
      if (this.#unit() === ':') {
        this.#parent = column
        this.#at++
        this.#spaces()
      }
    }
  }

  /** Up to the colon of a key. `false`: there is none, it is a scalar. */
  #plainKey(): boolean {
    const colon = /:(?=[ \t\r]|$)|[ \t]#/.exec(this.#restOfLine())
    if (colon === null || colon[0] !== ':') return false
    this.#at += colon.index
    return true
  }

  #property(): void {
    while (this.#at < this.#text.length && !/\s/.test(this.#unit())) this.#at++
  }

  #quoted(quote: string): void {
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const unit = this.#unit()
      if (unit === '\n') this.#join()
      else if (quote === '"' && unit === '\\' && this.#text.charAt(this.#at + 1) !== '\n') this.#at++
      else if (unit === quote) {
        this.#at++
        if (quote === '"' || this.#unit() !== quote) return
      }
    }
  }

  #flow(): void {
    let depth = 0
    // A quote in the middle of a plain scalar is no quote, and a colon there is no colon.
    let fresh = true
    let quoted = false
    while (this.#at < this.#text.length) {
      const unit = this.#unit()
      if (unit === '\n') this.#join()
      else if (unit === '[' || unit === '{') depth++
      else if (unit === ']' || unit === '}') depth--
      else if (unit === '#' && /\s/.test(this.#text.charAt(this.#at - 1))) this.#comment()
      else if ((unit === '"' || unit === "'") && fresh) {
        this.#quoted(unit)
        fresh = false
        quoted = true
        continue
      }
      if (!/\s/.test(unit)) {
        fresh = /[[{,]/.test(unit) || (unit === ':' && (quoted || /\s/.test(this.#text.charAt(this.#at + 1))))
        quoted = false
      }
      this.#at++
      if (depth === 0) return
    }
  }

  #comment(): void {
    this.#blanks.push([this.#at, this.#endOfLine()])
    this.#at = this.#endOfLine() - 1
  }

  /** Blanks from a line break to the next character that is none; stays on the last of them. */
  #join(): void {
    const start = this.#text.charAt(this.#at - 1) === '\r' ? this.#at - 1 : this.#at
    let lineStart = this.#at + 1
    let end = lineStart
    while (end < this.#text.length && /\s/.test(this.#text.charAt(end))) {
      if (this.#text.charAt(end) === '\n') lineStart = end + 1
      end++
    }
    this.#blanks.push([start, end])
    if (end - lineStart <= this.#parent || this.#text.slice(lineStart, end).includes('\t')) this.shallow.push(end)
    this.#at = end - 1
  }

  #spaces(): void {
    while (this.#unit() === ' ' || this.#unit() === '\t') this.#at++
  }

  #atLineEnd(): boolean {
    const unit = this.#unit()
    return unit === '' || unit === '\n' || unit === '\r' || unit === '#'
  }

  #restOfLine(): string {
    return this.#text.slice(this.#at, this.#endOfLine())
  }

  #nextLine(): boolean {
    this.#at = this.#endOfLine() + 1
    return true
  }

  // Remembered, so that a long line is not searched again at each of its tokens.
  #endOfLine(): number {
    if (this.#lineEnd < this.#at) {
      const end = this.#text.indexOf('\n', this.#at)
      this.#lineEnd = end === -1 ? this.#text.length : end
    }
    return this.#lineEnd
  }

  #unit(): string {
    return this.#text.charAt(this.#at)
  }
}
