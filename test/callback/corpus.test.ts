import { readDescription, resolveCallbacks, safeBuildCallbackRequest, safeParseTemplate } from 'ringback'
import type { OpenApiDescription } from 'ringback/openapi'
import { expect, test } from 'vitest'
import { corpus } from '../support/corpus.ts'

interface Occurrence {
  readonly kind: string
  readonly file: string
  readonly key: string
  readonly name: string
  readonly parent: string
  readonly syntax: string
  readonly shape: string
  readonly expressions: readonly { readonly text: string; readonly resolves: string; readonly mediaType?: string }[]
}

const documents = corpus<Occurrence>()

if (documents === undefined) test.skip('the corpus of real documents is not beside this checkout', () => {})
else {
  const { folder, rows } = documents
  const occurrences = rows.filter(({ kind }) => kind === 'callback')
  const descriptions = new Map<string, Promise<OpenApiDescription>>()
  const read = (file: string): Promise<OpenApiDescription> => {
    const known = descriptions.get(file) ?? readDescription(`${folder}${file}`, { root: folder })
    descriptions.set(file, known)
    return known
  }

  test.each(occurrences)('$key of $parent in $file', async ({ file, key, name, parent, syntax, expressions }) => {
    const description = await read(file)
    expect(safeParseTemplate(key).ok ? 'valid' : 'invalid').toBe(syntax)
    const url = 'https://client.example/cb'
    const [given] = callbackIn(
      description,
      parent,
      name,
      key,
      exchangeWith(
        expressions.map(({ text }) => text),
        url,
      ),
    )
    const literal = key.replace(/\{[^}]*\}|^\$.*$/, url)
    if (syntax === 'valid') expect(given?.target).toMatchObject({ ok: true, value: { url: literal } })
    else expect(given?.target).toMatchObject({ ok: false, error: { reason: 'bad-syntax' } })

    // What the answer key calls missing can never be in a request that fits the schema; what it has found may be absent.
    const found = expressions.filter(({ resolves }) => resolves === 'found').map(({ text }) => text)
    const [likely] = callbackIn(description, parent, name, key, exchangeWith(found, url))
    const expected = found.length === expressions.length ? { ok: true } : { ok: false, error: { reason: 'absent' } }
    if (syntax === 'valid') expect(likely?.target).toMatchObject(expected)

    // Every callback has a request with a body that fits, made from its own examples and schemas.
    if (given?.target.ok) {
      const built = safeBuildCallbackRequest(given.target.value, { example: true, description })
      expect(built.ok || built.error.message).toBe(true)
    }
  })

  function callbackIn(
    description: OpenApiDescription,
    parent: string,
    name: string,
    key: string,
    exchange: Parameters<typeof resolveCallbacks>[2],
  ) {
    return resolveCallbacks(description, parent, exchange).filter((one) => one.callback === name && one.key === key)
  }
}

/** An exchange in which each of the expressions has this value. */
function exchangeWith(expressions: readonly string[], value: string) {
  const query: Record<string, string> = {}
  const body: Record<string, unknown> = {}
  for (const expression of expressions) {
    const name = /^\$request\.query\.(.+)$/.exec(expression)?.[1]
    const pointer = /^\$request\.body#\/(.+)$/.exec(expression)?.[1]
    if (name !== undefined) query[name] = value
    if (pointer === undefined) continue
    let at = body
    const tokens = pointer.split('/')
    for (const token of tokens.slice(0, -1)) {
      const below: Record<string, unknown> = {}
      at[token] = below
      at = below
    }
    at[tokens.at(-1) ?? ''] = value
  }
  return {
    id: 'x',
    request: {
      method: 'POST',
      url: 'https://api.example/',
      headers: { 'content-type': 'application/json' },
      query,
      path: {},
      body,
    },
  }
}
