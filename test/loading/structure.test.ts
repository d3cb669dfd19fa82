import { readDescription } from 'ringback'
import { describe, expect, test } from 'vitest'

const document = (paths: string, version = '3.1.0'): string => `openapi: ${version}
info: { title: t, version: '1' }
paths:
${paths}
components:
  schemas:
    Tree: { type: object, properties: { child: { $ref: '#/components/schemas/Tree' } } }
`
const operation = (inside: string): string => `  /a:
    post:
      ${inside}
      responses: { '200': { description: ok } }`

describe('readDescription with validate', () => {
  test.each(['3.0.0', '3.0.4', '3.1.0', '3.1.2'])(
    'takes a document of %s that is valid, references and cycles included',
    async (version) => {
      const body = operation(`requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Tree' } } } }`)
      await expect(readDescription(document(body, version), { validate: true })).resolves.toMatchObject({})
    },
  )

  test('neither changes the object it is given nor resolves anything in it', async () => {
    const given = {
      openapi: '3.1.0',
      info: { title: 't', version: '1' },
      paths: { '/a': { $ref: '#/paths/~1b' }, '/b': { get: {} } },
    }
    const before = structuredClone(given)
    await readDescription(given, { validate: true })
    expect(given).toEqual(before)
  })

  const INVALID: [what: string, text: string, message: RegExp][] = [
    [
      'no info',
      'openapi: 3.0.3\npaths: {}\n',
      /^<text>:1:1: its structure is not valid: the document must have required property 'info'/,
    ],
    [
      'a parameter without in',
      document(operation('parameters: [{ name: x }]')),
      /^<text>:6:\d+: its structure is not valid: #\/paths\/~1a\/post\/parameters\/0 /,
    ],
    [
      'behind a reference',
      document(`  /a: { $ref: '#/paths/~1b' }\n  /b:\n    get: { deprecated: 7 }`),
      /^<text>:6:24: its structure is not valid: #\/paths\/~1b\/get\/deprecated must be boolean/,
    ],
    ['OAS 3.2', document('  /a: {}', '3.2.0'), /that of 3.2 cannot/],
  ]
  test.each(INVALID)('refuses %s', async (_, text, message) => {
    await expect(readDescription(text, { validate: true })).rejects.toThrow(message)
    await expect(readDescription(text)).resolves.toMatchObject({})
  })

  test('references that multiply end in a message, not in hours', async () => {
    const bomb = Array.from(
      { length: 30 },
      (_, n) => `    S${n}: { allOf: [{ $ref: '#/components/schemas/S${n + 1}' }, { $ref: '#/components/schemas/S${n + 1}' }] }`,
    )
    const text = `${document(operation(`requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/S0' } } } }`))}${bomb.join('\n')}\n    S30: {}\n`
    await expect(readDescription(text, { validate: true })).rejects.toThrow('more than 1000000 values')
  })
})
