/** A place in a text. */
export interface Position {
  /** Zero-based, in UTF-16 units. */
  readonly offset: number
  /** One-based. */
  readonly line: number
  /** One-based, in UTF-16 units. */
  readonly column: number
}

/** Half-open. */
export interface SourceRange {
  /** The name of the file, as it was given. */
  readonly file: string
  readonly start: Position
  readonly end: Position
}

/** Finds line and column of an offset by bisection. Lines end at LF, CR LF or CR, as in YAML 1.2, section 5.4. */
export class LineIndex {
  readonly #text: string
  #starts: number[] | undefined

  constructor(text: string) {
    this.#text = text
  }

  at(offset: number): Position {
    this.#starts ??= lineStarts(this.#text)
    const within = Math.max(0, Math.min(offset, this.#text.length))
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] ?? 0) <= within) low = middle
      else high = middle - 1
    }
    return { offset: within, line: low + 1, column: within - (this.#starts[low] ?? 0) + 1 }
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === 10 || (unit === 13 && text.charCodeAt(i + 1) !== 10)) starts.push(i + 1)
  }
  return starts
}
