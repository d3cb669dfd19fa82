import apg from 'apg-js'
import { abnfOf } from '../../test/support/abnf.ts'

/** A parser that apg-js generates from the ABNF: the verdict alone, no tree, which is the least that it can cost. */
export function createApgParser(): (text: string) => boolean {
  const api = new apg.apgApi(abnfOf({ dialect: 'oas3' }))
  api.generate()
  const grammar = api.toObject()
  const parser = new apg.apgLib.parser()
  return (text) => {
    const codes: number[] = []
    for (let i = 0; i < text.length; i++) codes.push(text.charCodeAt(i))
    return parser.parse(grammar, 'expression', codes).success
  }
}
