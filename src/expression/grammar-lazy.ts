// What `#grammar` means to Node: the grammar is loaded at the first parse, so that importing this package stays cheap.
import { createRequire } from 'node:module'
import type * as Grammar from './grammar/index.ts'

export type { Entry, Finding, Reading } from './grammar/index.ts'

let grammar: typeof Grammar | undefined

function load(): typeof Grammar {
  grammar ??= createRequire(import.meta.url)('./grammar/bundle.cjs') as typeof Grammar
  return grammar
}

export const expectedAfter: typeof Grammar.expectedAfter = (...args) => load().expectedAfter(...args)
export const readExpression: typeof Grammar.readExpression = (...args) => load().readExpression(...args)
export const readTemplate: typeof Grammar.readTemplate = (...args) => load().readTemplate(...args)
