import type { LineIndex, SourceRange } from '../position.ts'
import type { DocumentProblem } from './problem.ts'

/** A document with more problems than this is told about the first ones only. */
const mostProblems = 100

interface Place {
  readonly start: number
  readonly end: number
}

/** Problems of one text, in the words that people read. */
export class ProblemList {
  readonly problems: DocumentProblem[] = []
  readonly #name: string
  readonly #lines: LineIndex

  constructor(name: string, lines: LineIndex) {
    this.#name = name
    this.#lines = lines
  }

  get full(): boolean {
    return this.problems.length >= mostProblems
  }

  unquotedKey(key: string, place: Place): void {
    const reason = key.startsWith('{')
      ? 'YAML reads an unquoted "{" as the start of a mapping'
      : 'for YAML a "#" behind a space begins a comment'
    const message = `Quote this key: ${reason}. Write '${key.replaceAll("'", "''")}':`
    this.#add({ kind: 'unquoted-key', key, range: this.#range(place), message })
  }

  complexKey(key: string, place: Place): void {
    this.#add({
      kind: 'complex-key',
      key,
      range: this.#range(place),
      message: 'Expected text as a key but found a collection; quote this key.',
    })
  }

  duplicateKey(key: string, place: Place, firstPlace: Place): void {
    const first = this.#range(firstPlace)
    const message = `The key ${JSON.stringify(key)} stands here for the second time; it was first on line ${first.start.line}. Parsers keep one of the two, and not the same.`
    this.#add({ kind: 'duplicate-key', key, range: this.#range(place), first, message })
  }

  shallowLine(offset: number): void {
    const message = 'Indent this line deeper than the key it belongs to: strict YAML parsers refuse it.'
    this.#add({ kind: 'shallow-line', range: this.#range({ start: offset, end: offset }), message })
  }

  severalDocuments(offset: number): void {
    const message = 'Only the first YAML document of this text is read.'
    this.#add({ kind: 'several-documents', range: this.#range({ start: offset, end: offset }), message })
  }

  #add(problem: DocumentProblem): void {
    if (!this.full) this.problems.push(problem)
  }

  #range({ start, end }: Place): SourceRange {
    return { file: this.#name, start: this.#lines.at(start), end: this.#lines.at(end) }
  }
}
