import { readDescription } from 'ringback'
import {
  callbacksOf,
  linksOf,
  lookUpContent,
  lookUpSchema,
  type OpenApiDescription,
  type Operation,
  operationsOf,
  parametersOf,
  requestBodyOf,
  responsesOf,
  tokensOf,
} from 'ringback/openapi'
import { expect, test } from 'vitest'
import { corpus } from '../support/corpus.ts'

interface ExpectedExpression {
  readonly text: string
  readonly resolves: 'found' | 'missing' | 'unresolved'
  readonly required?: boolean
  readonly types?: readonly string[]
  readonly formats?: readonly string[]
  readonly mediaType?: string
  readonly elsewhere?: readonly string[]
}

interface ExpectedOccurrence {
  readonly kind: 'callback' | 'link'
  readonly file: string
  readonly key: string
  readonly name: string
  readonly parent: string
  readonly methods: readonly string[]
  readonly link: string
  readonly where: string
  readonly value: string
  readonly valueKind: string
  readonly resolves?: string
  readonly expressions: readonly ExpectedExpression[]
}

const real = corpus<ExpectedOccurrence>()

if (real === undefined) test.skip('the corpus of real documents is not beside this checkout', () => {})
else {
  const { folder, rows: occurrences } = real
  const descriptions = new Map<string, Promise<OpenApiDescription>>()
  const read = (file: string): Promise<OpenApiDescription> => {
    const known = descriptions.get(file) ?? readDescription(`${folder}${file}`, { root: folder })
    descriptions.set(file, known)
    return known
  }

  test.each(occurrences.filter(({ kind }) => kind === 'callback'))('callback $key of $parent in $file', async (expected) => {
    const description = await read(expected.file)
    const operation = operationOf(description, expected.parent)
    const key = callbacksOf(operation)
      .find(({ name }) => name === expected.name)
      ?.keys.find((one) => one.key === expected.key)
    expect(key?.operations.map(({ method }) => method.toLowerCase())).toEqual(expected.methods)
    for (const expression of expected.expressions) {
      expect(verdictOn(operation, expression.text)).toEqual({
        resolves: expression.resolves,
        required: expression.required,
        types: expression.types,
        formats: expression.formats,
        mediaType: expression.mediaType,
        elsewhere: expression.elsewhere,
      })
    }
  })

  test.each(occurrences.filter(({ kind, resolves }) => kind === 'link' && resolves !== undefined))(
    'link $link, $where, of $parent in $file',
    async (expected) => {
      const description = await read(expected.file)
      const operation = operationOf(description, expected.parent)
      const link = responsesOf(operation)
        .flatMap((response) => linksOf(response))
        .find(({ name }) => name === expected.link)
      const name = expected.where.replace('param:', '')
      expect(link?.object?.value.parameters?.[name]).toBe(expected.value)
      const verdicts = responsesOf(operation)
        .filter((response) => linksOf(response).some((one) => one.name === expected.link))
        .map((response) => lookUpContent(description, response.contents, pointerTokens(expected.value))?.verdict.kind)
      expect(verdicts).toContain(expected.resolves)
    },
  )
}

function operationOf(description: OpenApiDescription, parent: string): Operation {
  const [method = '', ...path] = parent.split(' ')
  const found = operationsOf(description).find((one) => one.method.toLowerCase() === method && one.path === path.join(' '))
  if (found === undefined) throw new Error(`no operation ${parent}`)
  return found
}

function pointerTokens(expression: string): readonly string[] {
  const tokens = tokensOf(/#(.*)$/.exec(expression)?.[1] ?? '')
  return tokens.ok ? tokens.value : []
}

function verdictOn(operation: Operation, expression: string): unknown {
  const query = /^\$request\.query\.(.+)$/.exec(expression)?.[1]
  if (query !== undefined) {
    const parameter = parametersOf(operation).parameters.find((one) => one.in === 'query' && one.name === query)
    if (parameter?.schema === undefined) return { resolves: 'missing' }
    const verdict = lookUpSchema(operation.description, parameter.schema, [])
    return verdict.kind === 'found'
      ? { resolves: 'found', required: parameter.required, types: verdict.types, formats: verdict.formats }
      : verdict
  }
  const body = requestBodyOf(operation)
  const found = lookUpContent(operation.description, body?.contents ?? [], pointerTokens(expression))
  if (found === undefined) return { resolves: 'missing' }
  const { mediaType, verdict } = found
  switch (verdict.kind) {
    case 'found':
      return { resolves: 'found', required: verdict.required, types: verdict.types, formats: verdict.formats, mediaType }
    case 'missing':
      return { resolves: 'missing', mediaType, elsewhere: verdict.didYouMean.length === 0 ? undefined : verdict.didYouMean }
    case 'cannot-tell':
      return { resolves: 'unresolved', mediaType }
  }
}
