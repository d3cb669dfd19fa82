import { ruleInfos } from 'ringback/lint'
import redocly from 'ringback/redocly'
import spectral from 'ringback/spectral'
import { describe, expect, test } from 'vitest'
import { documentWithKey } from '../lint/support.ts'

const text = documentWithKey("'{request.body#/url}'")
const part = "called:\n  '{request.body#/url}':\n    post: { responses: {} }\n"
const referring = documentWithKey("'{$request.body#/url}'").replace(
  /called:[\s\S]*?(?= {6}responses)/,
  "called: { $ref: 'part.yaml#/called' }\n",
)

describe('the ruleset for Spectral', () => {
  const rule = (name: string): (typeof spectral.rules)[string] => {
    const found = spectral.rules[`ringback-${name}`]
    if (found === undefined) throw new Error(`there is no rule ${name}`)
    return found
  }

  test('has every rule', () => {
    expect(Object.keys(spectral.rules)).toEqual(ruleInfos.map(({ name }) => `ringback-${name}`))
    expect(rule('no-dollar')).toMatchObject({ severity: 'error', given: '$', resolved: false, message: '{{error}}' })
  })

  test('points to the member of the document', () => {
    const context = { document: { source: '/specs/api.yaml', input: text } }
    expect(rule('no-dollar').then.function(undefined, null, context)).toEqual([
      {
        message: 'An expression starts with "$", which is missing here.',
        path: ['paths', '/orders', 'post', 'callbacks', 'called', '{request.body#/url}'],
      },
    ])
    expect(rule('missing-hash').then.function(undefined, null, context)).toEqual([])
  })

  test('reads an object where there is no text', () => {
    const input = { openapi: '3.0.0', paths: { '/a': { post: { callbacks: { c: { '{request.body#/x}': {} } } } } } }
    expect(rule('no-dollar').then.function(input, null, { document: { source: null } })).toHaveLength(1)
    expect(rule('no-dollar').then.function(undefined, null, { document: { source: null } })).toEqual([])
  })

  test('tells in words of a finding in another document', () => {
    const context = {
      document: { source: '/specs/api.yaml', input: referring },
      documentInventory: { referencedDocuments: { '/specs/part.yaml': { source: '/specs/part.yaml', input: part } } },
    }
    expect(rule('no-dollar').then.function(undefined, null, context)).toEqual([
      { message: '/specs/part.yaml:2:5 An expression starts with "$", which is missing here.', path: [] },
    ])
  })

  test.each(['swagger: "2.0"', 'a: [', ''])('says nothing of %j', (other) => {
    expect(rule('no-dollar').then.function({}, null, { document: { source: 'a.yaml', input: other } })).toEqual([])
  })
})

describe('the plug-in for Redocly', () => {
  const plugin = redocly()

  /** What a rule reports for a document and the files around it. */
  function reported(name: string, body: string, others: Readonly<Record<string, string>> = {}): object[] {
    const found: object[] = []
    const source = { absoluteRef: '/specs/api.yaml', body }
    plugin.rules.oas3[name]?.().Root.leave(undefined, {
      location: { source },
      report: (problem) => found.push(problem),
      resolve: ({ $ref }) => {
        const file = $ref.split('#')[0] ?? ''
        const other = others[file]
        return other === undefined ? {} : { location: { source: { absoluteRef: `/specs/${file}`, body: other } } }
      },
    })
    return found
  }

  test('has every rule, and severities that Redocly has', () => {
    expect(Object.keys(plugin.rules.oas3)).toEqual(ruleInfos.map(({ name }) => name))
    expect(plugin.configs.recommended.rules).toMatchObject({
      'ringback/no-dollar': 'error',
      'ringback/http-url': 'warn',
      'ringback/optional-url': 'off',
    })
    expect(plugin.configs.strict.rules).toMatchObject({ 'ringback/keyword-case': 'warn' })
  })

  test('points inside the key', () => {
    expect(reported('no-dollar', text)).toEqual([
      {
        message: 'An expression starts with "$", which is missing here.',
        suggest: ['{$request.body#/url}'],
        location: {
          source: { absoluteRef: '/specs/api.yaml', body: text },
          pointer: undefined,
          start: { line: 18, col: 13 },
          end: { line: 18, col: 30 },
        },
      },
    ])
  })

  test('points into other files', () => {
    expect(reported('no-dollar', referring, { 'part.yaml': part })).toMatchObject([
      { location: { source: { absoluteRef: '/specs/part.yaml' }, start: { line: 2, col: 5 } } },
    ])
    expect(reported('no-dollar', referring)).toEqual([])
  })

  test('says nothing of what is not OpenAPI 3', () => {
    expect(reported('no-dollar', 'swagger: "2.0"')).toEqual([])
    expect(reported('no-dollar', 'a: [')).toEqual([])
  })
})
