import apg from 'apg-js'
import { abnfOf } from '../../test/support/abnf.ts'

/** Parsers that apg-js generates from the ABNF: the verdict alone, which is the least that it can cost, and with a tree, as ours. */
export function createApgParsers(): { verdict(text: string): boolean; tree(text: string): unknown } {
  const api = new apg.apgApi(abnfOf({ dialect: 'oas3' }))
  api.generate()
  const grammar = api.toObject()
  const parser = new apg.apgLib.parser()
  const withTree = new apg.apgLib.parser()
  const ast = new apg.apgLib.ast()
  withTree.ast = ast
  const nodes: unknown[] = []
  for (const { name } of grammar.rules) {
    if (!namedRules.has(name)) continue
    ast.callbacks[name] = (state, codes, start, length, data) => {
      if (state === apg.apgLib.ids.SEM_POST)
        data.push({ name, text: apg.apgLib.utils.charsToString(codes, start, length), start })
      return apg.apgLib.ids.SEM_OK
    }
  }
  return {
    verdict: (text) => parser.parse(grammar, 'expression', codesOf(text)).success,
    tree(text) {
      nodes.length = 0
      if (!withTree.parse(grammar, 'expression', codesOf(text)).success) return undefined
      ast.translate(nodes)
      return nodes
    },
  }
}

const namedRules = new Set(['expression', 'source', 'token', 'name', 'reference-token', 'body-reference'])

function codesOf(text: string): number[] {
  const codes: number[] = []
  for (let i = 0; i < text.length; i++) codes.push(text.charCodeAt(i))
  return codes
}
