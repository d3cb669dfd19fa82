import { readFileSync } from 'node:fs'
import { parseDescription, resolveCallbacks } from 'ringback'
import { lintText } from 'ringback/lint'
import { operationsOf } from 'ringback/openapi'
import { expect, test } from 'vitest'
import { codeBlocks } from './support/markdown.ts'

const url = 'https://client.example/cb'

/** What a request of each document holds, and where its callbacks then go. */
const RECIPES: Readonly<Record<string, { body: object; query?: Record<string, string>; to: string }>> = {
  createOrder: { body: { callbackUrl: url }, to: url },
  CreateSubscription: { body: { notifUri: url }, to: url },
  createSubscription: { body: { sink: url }, to: url },
  create_invoice: { body: { id: 'ä/1' }, query: { callback_url: url }, to: `${url}/invoices/%C3%A4%2F1` },
}

const documents = ['getting-started', 'recipes'].flatMap((page) =>
  codeBlocks(readFileSync(new URL(`../docs/${page}.md`, import.meta.url), 'utf8'))
    .filter(({ language, text }) => language === 'yaml' && text.startsWith('openapi:'))
    .map(({ text, line }) => [`${page}.md:${line}`, text] as const),
)

test('every document of the recipes is looked at', () => {
  const operations = documents.flatMap(([, text]) => operationsOf(parseDescription(text)).map(({ operationId }) => operationId))
  expect(operations).toEqual(Object.keys(RECIPES))
})

test.each(documents)(
  'the document at %s is without findings, and its callback goes where the subscriber said',
  (_where, text) => {
    expect(lintText(text).problems.filter(({ severity }) => severity !== 'info')).toEqual([])
    const description = parseDescription(text)
    for (const operation of operationsOf(description)) {
      const { body, query = {}, to } = RECIPES[operation.operationId ?? ''] ?? { body: {}, to: '' }
      const headers = { 'content-type': 'application/json' }
      const request = { method: 'POST', url: 'https://api.example/', headers, path: {}, query, body }
      const targets = resolveCallbacks(description, operation, { id: '1', request })
      expect(targets.map(({ target }) => (target.ok ? target.value.url : target.error))).toEqual([to])
    }
  },
)
