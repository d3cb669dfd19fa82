import { readdirSync, readFileSync } from 'node:fs'
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
    .flatMap((file) => readFileSync(file, 'utf8').match(/\b[UGAO]-\d\d\b/g) ?? []),
)
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
