import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runRow } from '../../scripts/conformance/run.ts'

const folder = new URL('../fixtures/conformance/', import.meta.url)
const page = readFileSync(new URL('README.md', folder), 'utf8')
const cases = JSON.parse(readFileSync(new URL('expression-cases.json', folder), 'utf8')) as { readonly error?: string }[]

const rows = [...page.matchAll(/```json\n([\s\S]*?)```/g)].flatMap(([, json]) => JSON.parse(json ?? '') as { id: string }[])

test('the page has examples', () => expect(rows.length).toBeGreaterThan(5))

test.each(rows.map((row) => [row.id, row] as const))('%s on the page of the format passes', async (_, row) => {
  const { expected, got } = await runRow(row)
  expect(got).toEqual(expected)
})

test('every code of the rows is on the page', () => {
  for (const code of new Set(cases.flatMap(({ error }) => error ?? []))) expect(page).toContain(`\`${code}\``)
})

test.each(['expression-cases', 'url-policy-cases', 'receiver-cases'])('%s.json has as many rows as the page says', (name) => {
  const { length } = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as unknown[]
  expect(page).toContain(`| \`${name}.json\` | ${length} |`)
})
