import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { callbacksOf, matchOperation, rangeInKey } from 'ringback/openapi'
import { expect, test } from 'vitest'
import { readDescription } from '../../src/loading/index.ts'

test('reads a description of two files, matches a request, and finds its callbacks with places inside the keys', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-'))
  await writeFile(
    join(folder, 'openapi.yaml'),
    `openapi: 3.1.0
paths:
  /orders/{id}:
    post:
      callbacks:
        accepted: { $ref: 'callbacks.yaml#/accepted' }
`,
  )
  await writeFile(join(folder, 'callbacks.yaml'), `accepted:\n  '{$request.body#/it''s}/x':\n    post: {}\n`)
  const description = await readDescription(join(folder, 'openapi.yaml'))
  const match = matchOperation(description, 'POST', 'https://api.example.com/orders/a%2Fb?x=1')
  expect(match?.pathParameters).toEqual({ id: 'a/b' })
  const key = match && callbacksOf(match.operation)[0]?.keys[0]
  expect(key?.key).toBe("{$request.body#/it's}/x")
  expect(key && rangeInKey(key.at, 19, 21)).toEqual({
    file: join(folder, 'callbacks.yaml'),
    start: { offset: 33, line: 2, column: 24 },
    end: { offset: 35, line: 2, column: 26 },
  })
})
