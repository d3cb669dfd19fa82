/**
 * How many steps a backtracking matcher takes at most on a text of `length` characters: the ways to divide the text among the repetitions
 * and alternatives, times what each way can cost, from every start. `undefined`, for an expression that is not made only of characters,
 * classes, anchors, alternatives, groups that are not repeated, and repetitions of one character: nothing is known of those.
 */
export type StepsFor = (length: number) => number

export function stepsOf(source: string): StepsFor | undefined {
  const reader = new StepReader(source)
  const read = reader.alternatives(0)
  if (read === undefined || !reader.isDone) return undefined
  return (length) => (length + 1) * read.ways(length) * (length + read.width)
}

interface Part {
  /** In how many ways it can match, at one place of a text of so many characters. */
  ways(length: number): number
  /** Upper bound of the characters and tests that it has itself. */
  readonly width: number
}

const deepest = 20
// Classes end at the first bracket that is not escaped; what else has a meaning of its own is unknown here.
const anchor = /[$^]|\\[Bb]/y
const character = /\[(?:[^\]\\]|\\.)*\]|\\[DSWdfnrstvw]|\\[^\p{L}\p{N}]|[^$()*+?[\\\]{|}^]/uy
const repetition = /(?:([*+?])|\{(\d{1,6})(?:(,)(\d{1,6})?)?\})\??/y

class StepReader {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  get isDone(): boolean {
    return this.#at === this.#source.length
  }

  alternatives(depth: number): Part | undefined {
    const parts: Part[] = []
    do {
      const part = this.#sequence(depth)
      if (part === undefined) return undefined
      parts.push(part)
    } while (this.#take('|'))
    return { ways: (length) => parts.reduce((sum, { ways }) => sum + ways(length), 0), width: widthOf(parts) }
  }

  #sequence(depth: number): Part | undefined {
    const parts: Part[] = []
    while (!this.isDone && !'|)'.includes(this.#source.charAt(this.#at))) {
      const part = this.#piece(depth)
      if (part === undefined) return undefined
      parts.push(part)
    }
    return { ways: (length) => parts.reduce((product, { ways }) => product * ways(length), 1), width: widthOf(parts) }
  }

  #piece(depth: number): Part | undefined {
    if (this.#take('(')) return this.#group(depth)
    if (this.#read(anchor) !== undefined) return { ways: () => 1, width: 1 }
    if (this.#read(character) === undefined) return undefined
    const found = this.#read(repetition)
    if (found === undefined) return { ways: () => 1, width: 1 }
    const [, sign, low, comma, high] = found
    const least = sign === '+' ? 1 : Number(low ?? 0)
    const span =
      sign === '?'
        ? 1
        : sign !== undefined || (comma !== undefined && high === undefined)
          ? Infinity
          : Number(high ?? low) - least
    return { ways: (length) => Math.min(length, Math.max(span, 0)) + 1, width: least + 1 }
  }

  /** After it no repetition can be read, so that a repeated group is unknown. */
  #group(depth: number): Part | undefined {
    if (depth >= deepest || (this.#take('?') && !this.#take(':'))) return undefined
    const part = this.alternatives(depth + 1)
    return this.#take(')') ? part : undefined
  }

  #read(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at
    const found = expression.exec(this.#source) ?? undefined
    this.#at += found?.[0].length ?? 0
    return found
  }

  #take(sign: string): boolean {
    if (this.#source.charAt(this.#at) !== sign) return false
    this.#at++
    return true
  }
}

function widthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { width }) => sum + width, 1)
}
