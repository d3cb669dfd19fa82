import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import cases from '../fixtures/conformance/receiver-cases.json' with { type: 'json' }

const openapi = 'endpoints are not yet driven by an OpenAPI document'
const mounts = 'there is no mount for this framework yet'
const cli = 'the command listen is not there yet'

/** Sentences that no test shows yet. */
const NOT_YET: Readonly<Record<string, string>> = {
  'A-01': openapi,
  'A-09': 'there is no example of a claim with a download yet',
  'O-46': openapi,
  'O-47': openapi,
  'O-48': openapi,
  'O-49': openapi,
  'O-50': openapi,
  'O-51': openapi,
  'O-52': openapi,
  'O-53': openapi,
  'O-54': openapi,
  'O-66': mounts,
  'O-69': cli,
  'O-70': cli,
}

/** Sentences of which a test shows our own part, and what of them is still to be shown. */
const IN_PART: Readonly<Record<string, string>> = {
  'G-32': openapi,
  'O-19': openapi,
  'O-21': openapi,
  'O-45': openapi,
  'O-62': 'shown without a pgbouncer in between',
  'O-64': mounts,
}

const shown = new Set(
  readdirSync(new URL('.', import.meta.url))
    .filter((name) => name.endsWith('.ts') && name !== 'sentences.test.ts')
    .flatMap((name) => readFileSync(new URL(name, import.meta.url), 'utf8').match(/\b[UGAO]-\d\d\b/g) ?? []),
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
