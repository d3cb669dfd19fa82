/**
 * A short text that a regular expression matches, made from its own pieces: literals, classes, groups, alternatives and repetitions.
 * `undefined` for what says what must not be there (look-around, `\b`), for back references, and for what is no regular expression. The
 * caller checks the text; nothing is matched here, so that no pattern can take long.
 */
export function samplePattern(source: string, shortest: number): string | undefined {
  if (source.length > longestPattern) return undefined
  const reader = new PatternReader(source)
  const text = reader.alternatives(0)
  if (text === undefined || !reader.isDone) return undefined
  if (text.length >= shortest || reader.growth === undefined) return text
  const { at, piece } = reader.growth
  const missing = Math.ceil((shortest - text.length) / piece.length)
  return text.slice(0, at) + piece.repeat(Math.min(missing, 10_000)) + text.slice(at)
}

const longestPattern = 1_000
const deepest = 20
const mostRepeats = 1_000

class PatternReader {
  readonly #source: string
  #at = 0
  /** Where the text can be made longer: the last repetition without an end that is outside of all groups. */
  growth: { readonly at: number; readonly piece: string } | undefined

  constructor(source: string) {
    this.#source = source
  }

  get isDone(): boolean {
    return this.#at === this.#source.length
  }

  /** The first alternative; the others are only read over. */
  alternatives(depth: number): string | undefined {
    const first = this.#sequence(depth)
    const { growth } = this
    while (first !== undefined && this.#take('|')) if (this.#sequence(depth) === undefined) return undefined
    this.growth = growth
    return first
  }

  #sequence(depth: number): string | undefined {
    let text = ''
    while (!this.isDone && !'|)'.includes(this.#next())) {
      if (this.#take('^') || this.#take('$')) continue
      const piece = this.#piece(depth)
      if (piece === undefined) return undefined
      const [least, isEndless] = this.#repetition()
      if (least > mostRepeats) return undefined
      text += piece.repeat(least)
      if (isEndless && depth === 0 && piece !== '') this.growth = { at: text.length, piece }
    }
    return text
  }

  #piece(depth: number): string | undefined {
    if (this.#take('(')) {
      if (depth >= deepest) return undefined
      if (this.#take('?') && !this.#take(':') && !this.#name()) return undefined
      const text = this.alternatives(depth + 1)
      return this.#take(')') ? text : undefined
    }
    if (this.#take('[')) return this.#class()
    if (this.#take('.')) return 'a'
    if ('*+?{'.includes(this.#next())) return undefined
    if (!this.#take('\\')) return this.#character()
    return this.#escape()
  }

  /** `?<name>` of a group; not `?<=` and `?<!`. */
  #name(): boolean {
    const name = /^<\w+>/.exec(this.#source.slice(this.#at, this.#at + 100))
    this.#at += name?.[0].length ?? 0
    return name !== null
  }

  /** How often a piece must stand, and whether it may stand any number of times more. */
  #repetition(): readonly [least: number, isEndless: boolean] {
    const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(this.#source.slice(this.#at, this.#at + 30))
    if (found === null) return [1, false]
    this.#at += found[0].length
    const sign = found[0].charAt(0)
    if (sign !== '{') return [sign === '+' ? 1 : 0, sign !== '?']
    return [Number(found[1]), found[2] === ',' && found[3] === '']
  }

  #class(): string | undefined {
    const end = this.#endOfClass()
    const inside = this.#source.slice(this.#at, end)
    if (end === -1) return undefined
    this.#at = end + 1
    if (inside.startsWith('^')) return outside(inside)
    return new PatternReader(inside).#member()
  }

  #endOfClass(): number {
    for (let i = this.#at; i < this.#source.length; i++) {
      if (this.#source.charAt(i) === '\\') i++
      else if (this.#source.charAt(i) === ']') return i
    }
    return -1
  }

  /** Of a class: its first member. */
  #member(): string | undefined {
    return this.#take('\\') ? this.#escape() : this.isDone ? undefined : this.#character()
  }

  #escape(): string | undefined {
    const letter = this.#character()
    if (letter === 'd') return '0'
    if (letter === 'w') return 'a'
    if (letter === 's') return ' '
    if (letter === 'D' || letter === 'S') return 'a'
    if (letter === 'W') return '-'
    if (letter === 't') return '\t'
    if (letter === 'n') return '\n'
    if (letter === 'x' || letter === 'u') return this.#code(letter === 'x' ? 2 : 4)
    return /^[A-Za-z0-9]?$/.test(letter) ? undefined : letter
  }

  #code(length: number): string | undefined {
    const digits = this.#source.slice(this.#at, this.#at + length)
    this.#at += length
    return new RegExp(`^[0-9a-f]{${length}}$`, 'i').test(digits) ? String.fromCharCode(Number.parseInt(digits, 16)) : undefined
  }

  #next(): string {
    return this.#source.charAt(this.#at)
  }

  #character(): string {
    const point = this.#source.codePointAt(this.#at)
    const character = point === undefined ? '' : String.fromCodePoint(point)
    this.#at += character.length
    return character
  }

  #take(character: string): boolean {
    if (this.isDone || this.#next() !== character) return false
    this.#at++
    return true
  }
}

/** A character that a negated class may have; asked of the class itself, on one character. */
function outside(inside: string): string | undefined {
  try {
    const allowed = new RegExp(`[${inside}]`)
    return ['a', 'A', '0', '-', '_', '.', ' ', 'é'].find((character) => allowed.test(character))
  } catch {
    return undefined
  }
}
