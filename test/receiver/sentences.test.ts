import { readdirSync, readFileSync } from 'node:fs'
import { parseSync } from 'oxc-parser'
import { expect, test } from 'vitest'
import cases from '../fixtures/conformance/receiver-cases.json' with { type: 'json' }

/** Sentences that no test shows yet. */
const NOT_YET: Readonly<Record<string, string>> = {}

/** Sentences of which a test shows our own part, and what of them is still to be shown. */
const IN_PART: Readonly<Record<string, string>> = {
  'O-62': 'shown without a pgbouncer in between',
}

const shown = new Set(
  ['.', '../cli']
    .map((folder) => new URL(`${folder}/`, import.meta.url))
    .flatMap((folder) => readdirSync(folder).map((name) => new URL(name, folder)))
    .filter(({ pathname }) => pathname.endsWith('.ts') && !pathname.endsWith('/sentences.test.ts'))
    .flatMap((file) => [...textsOf(file.pathname, readFileSync(file, 'utf8'))])
    .flatMap((text) => text.match(/\b[UGAO]-\d\d\b/g) ?? []),
)

/** What stands in quotes: titles of tests, and rows of their tables. A comment shows nothing. */
function textsOf(path: string, source: string): Set<string> {
  const { program, errors } = parseSync(path, source)
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`)
  const texts = new Set<string>()
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    const { type, value } = node as { readonly type?: unknown; readonly value?: unknown }
    if (type === 'Literal' && typeof value === 'string') texts.add(value)
    if (type === 'TemplateElement') texts.add((value as { readonly raw: string }).raw)
    for (const child of Object.values(node)) visit(child)
  }
  visit(program)
  return texts
}
const ids = cases.map(({ id }) => id)

test('each of the 165 sentences is named by a test, or listed with the reason', () => {
  expect(ids).toHaveLength(165)
  expect(ids.filter((id) => !shown.has(id) && NOT_YET[id] === undefined)).toEqual([])
})

test('no sentence is listed that a test shows, none is named that does not exist', () => {
  expect(Object.keys(NOT_YET).filter((id) => shown.has(id))).toEqual([])
  expect(Object.keys(IN_PART).filter((id) => !shown.has(id))).toEqual([])
  expect([...shown, ...Object.keys(NOT_YET)].filter((id) => !ids.includes(id))).toEqual([])
})

test('a comment is no test', () => {
  expect(textsOf('a.ts', "// O-01\ntest('O-02', () => {}) /* O-03 */\nconst rows = [[`O-04 ${1}`]]")).toEqual(
    new Set(['O-02', 'O-04 ', '']),
  )
})
