import apg, { type GrammarObject } from 'apg-js'
import { type Dialect, dialects, type TemplateMode } from 'ringback/expression'
import { abnfOf, type Entry } from './abnf.ts'

/** Says whether a text is in the language of an entry, by a parser that apg-js makes of the ABNF. */
export interface Oracle {
  readonly entry: Entry
  readonly label: string
  readonly grammar: GrammarObject
  readonly start: 'expression' | 'template'
  accepts(text: string): boolean
}

/** Every way to read a text: each dialect bare, and as a template of each mode and pair of delimiters. */
export const entries: readonly Entry[] = dialects.flatMap((dialect) => [{ dialect }, ...templateEntries(dialect)])

function templateEntries(dialect: Dialect): Entry[] {
  const modes: readonly TemplateMode[] = ['callback-key', 'text', 'expression-string']
  return modes.flatMap((mode) =>
    (['braces', 'angle'] as const).map((delimiters) => ({ dialect, template: { mode, delimiters } })),
  )
}

const oracles = new Map<string, Oracle>()

export function oracleFor(entry: Entry): Oracle {
  const label = [entry.dialect, entry.template?.mode ?? 'bare', entry.template?.delimiters ?? ''].join(' ').trim()
  let oracle = oracles.get(label)
  if (oracle === undefined) {
    oracle = createOracle(entry, label)
    oracles.set(label, oracle)
  }
  return oracle
}

function createOracle(entry: Entry, label: string): Oracle {
  const grammar = grammarOf(abnfOf(entry))
  const start = entry.template === undefined ? 'expression' : 'template'
  const parser = new apg.apgLib.parser()
  const parses = (text: string): boolean => parser.parse(grammar, start, codePointsOf(text)).success
  if (entry.template?.mode !== 'callback-key') return { entry, label, grammar, start, accepts: parses }
  return {
    ...{ entry, label, grammar, start },
    accepts(text) {
      if (text === '' || text === '$ref' || text.startsWith('x-')) return false
      return text.startsWith('$') ? oracleFor({ dialect: entry.dialect }).accepts(text) : parses(text)
    },
  }
}

function grammarOf(abnf: string): GrammarObject {
  const api = new apg.apgApi(abnf)
  api.generate()
  if (api.errors.length > 0) throw new SyntaxError(api.errors.map(({ line, msg }) => `${line}: ${msg}`).join('\n') + abnf)
  return api.toObject()
}

/** Half of a surrogate pair is the code point of its own number: ABNF's ranges include it. */
function codePointsOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0)
}
