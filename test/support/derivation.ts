import apg, { type GrammarObject, type Opcode } from 'apg-js'
import fc from './fast-check.ts'

const { ids } = apg.apgLib

/** Texts that a rule derives: every alternative, keywords in any case, the edges of every range. The grammar must not be recursive. */
export function derivationsOf(grammar: GrammarObject, startRule: string): fc.Arbitrary<string> {
  const rules = new Map<number, fc.Arbitrary<string>>()
  const ofRule = (index: number): fc.Arbitrary<string> => {
    let arbitrary = rules.get(index)
    if (arbitrary === undefined) {
      const rule = grammar.rules[index]
      if (rule === undefined) throw new RangeError(`There is no rule ${index}.`)
      arbitrary = ofOpcode(rule.opcodes, 0)
      rules.set(index, arbitrary)
    }
    return arbitrary
  }
  const ofOpcode = (opcodes: readonly Opcode[], at: number): fc.Arbitrary<string> => {
    const { type, children = [], index, min = 0, max = 0, string = [] } = opcodes[at] as Opcode
    const inner = (): fc.Arbitrary<string>[] => children.map((child) => ofOpcode(opcodes, child))
    switch (type) {
      case ids.ALT:
        return fc.oneof(...inner())
      case ids.CAT:
        return fc.tuple(...inner()).map((parts) => parts.join(''))
      case ids.REP:
        return repeated(ofOpcode(opcodes, at + 1), min, max)
      case ids.RNM:
        return ofRule(index ?? -1)
      case ids.TRG:
        return inRange(min, max)
      case ids.TBS:
        return fc.constant(String.fromCodePoint(...string))
      case ids.TLS:
        return inAnyCase(String.fromCodePoint(...string))
      // What a look-ahead forbids is derived all the same, and left out by whoever asks the oracle.
      case ids.NOT:
      case ids.AND:
        return fc.constant('')
      default:
        throw new RangeError(`Opcode ${type} is not derived.`)
    }
  }
  const start = grammar.rules.findIndex(({ lower }) => lower === startRule)
  return ofRule(start)
}

// Few are many: what goes wrong, goes wrong at nothing, at one, and between two.
function repeated(arbitrary: fc.Arbitrary<string>, min: number, max: number): fc.Arbitrary<string> {
  const maxLength = Math.min(max, min + 5)
  return fc.array(arbitrary, { minLength: min, maxLength }).map((parts) => parts.join(''))
}

/** The edges of a range, the characters that mean something somewhere, and any other. */
function inRange(min: number, max: number): fc.Arbitrary<string> {
  const marked = charactersThatMatter
    .map((character) => character.codePointAt(0) ?? 0)
    .filter((code) => code >= min && code <= max)
  const anywhere = fc.integer({ min, max })
  const codes =
    marked.length === 0
      ? fc.oneof(fc.constantFrom(min, max), anywhere)
      : fc.oneof(fc.constantFrom(min, max), fc.constantFrom(...marked), anywhere)
  return codes.map((code) => String.fromCodePoint(code))
}

function inAnyCase(text: string): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(text) },
    { weight: 1, arbitrary: fc.mixedCase(fc.constant(text.toLowerCase())) },
  )
}

/** What is punctuation, white space, a control character, an edge of a range or beyond ASCII somewhere in the grammars. */
const charactersThatMatter: readonly string[] = [
  ...'$.#/~{}<>[]\\"\'`|-_+ \t\r\n:?&=%@!*^(),;01789azAZugxU',
  ...['\u0000', '\u001f', '\u007f', '\u0080', 'é', '\u017f', '\u212a', '\u2028', '\u2029', '\u00a0', '\ufeff', '\uffff'],
  ...['\ud83d', '\ude00', '\u{1f600}', '\u{10ffff}'],
]

/** What is longer than a character and means something. */
const fragmentsThatMatter: readonly string[] = [
  ...['$url', '$method', '$statusCode', '$request.', '$response.', '$message.', '$self', '$inputs.', '$steps.', '$ref', 'x-'],
  ...['header.', 'query.', 'path.', 'body', 'payload', 'header', '.outputs.', '.inputs.', 'parameters.', '#/', '~0', '~1', '~2'],
  ...['{$', '}', '{', '{{', '}}', '${', '<$', '>', '\\u0041', '\\u00', '\\"', '\\x', '[0]', '[', '01', 'request.', ' $url'],
]

/** One or more insertions, deletions, replacements and swaps at any place of a text. */
export function mutationsOf(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const piece = fc.oneof(fc.constantFrom(...charactersThatMatter), fc.constantFrom(...fragmentsThatMatter))
  const place = fc.double({ min: 0, max: 1, noNaN: true })
  const change = fc.record({
    kind: fc.constantFrom('insert', 'delete', 'replace', 'swap' as const),
    at: place,
    other: place,
    piece,
  })
  return fc.tuple(texts, fc.array(change, { minLength: 1, maxLength: 3 })).map(([text, changes]) => {
    let result = text
    for (const { kind, at, other, piece: inserted } of changes) {
      const i = Math.floor(at * result.length)
      const j = Math.floor(other * result.length)
      if (kind === 'insert') result = result.slice(0, i) + inserted + result.slice(i)
      else if (kind === 'delete') result = result.slice(0, i) + result.slice(i + 1)
      else if (kind === 'replace') result = result.slice(0, i) + inserted + result.slice(i + 1)
      else result = swapped(result, Math.min(i, j), Math.max(i, j))
    }
    return result
  })
}

function swapped(text: string, i: number, j: number): string {
  return i === j ? text : text.slice(0, i) + text.charAt(j) + text.slice(i + 1, j) + text.charAt(i) + text.slice(j + 1)
}
