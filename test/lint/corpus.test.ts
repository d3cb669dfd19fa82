import { lint, type Problem } from 'ringback/lint'
import { describe, expect, test } from 'vitest'
import { readDescription } from '../../src/loading/index.ts'
import { corpus } from '../support/corpus.ts'

interface Row {
  readonly kind: 'callback' | 'link'
  readonly file: string
  readonly at: string
  readonly key: string
  readonly value: string
  readonly syntax?: string
  readonly resolves?: string
  readonly expressions?: readonly { readonly resolves: string; readonly elsewhere?: readonly string[] }[]
}

const real = corpus<Row>()

if (real === undefined) test.skip('the corpus of real documents is not beside this checkout', () => {})
else {
  const { folder, rows } = real

  describe.each([...new Set(rows.map(({ file }) => file))])('%s', (name) => {
    const problems = readDescription(`${folder}${name}`, { root: folder }).then((description) => lint(description).problems)
    const own = rows.filter(({ file }) => file === name)

    test('what does not resolve is an error, with where it is', async () => {
      for (const row of own) {
        const found = (await problems).filter((problem) => isAbout(problem, row))
        const bad = row.expressions?.some(({ resolves }) => resolves === 'missing') ?? row.resolves === 'missing'
        if (bad)
          expect(
            found.map(({ severity }) => severity),
            row.at,
          ).toContain('error')
        for (const elsewhere of row.expressions?.flatMap((one) => one.elsewhere ?? []) ?? [])
          expect(found.map(({ message }) => message).join(), row.at).toContain(elsewhere)
      }
    })

    test('what is fine has no error and no warning', async () => {
      const fine = own.filter(
        (row) => row.kind === 'callback' && row.expressions?.every(({ resolves }) => resolves !== 'missing'),
      )
      const loud = (await problems).filter(({ severity }) => severity !== 'info')
      for (const row of fine)
        expect(
          loud.filter((problem) => isAbout(problem, row)),
          row.at,
        ).toEqual([])
      if (own.every((row) => row.kind === 'callback' && fine.includes(row))) expect(loud).toEqual([])
    })
  })
}

function isAbout({ key, pointer, expression }: Problem, row: Row): boolean {
  if (row.kind === 'link') return expression === row.value
  return key === row.key && row.at.endsWith(pointer)
}
