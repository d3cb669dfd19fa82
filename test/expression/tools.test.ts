import {
  convertExpression,
  type Dialect,
  type ExpectOptions,
  expect as expectAt,
  explain,
  parseExpression,
  parseTemplate,
  print,
  reads,
  repair,
  safeParseTemplate,
  type TemplateOptions,
} from 'ringback/expression'
import { describe, expect, test } from 'vitest'

describe('repair', () => {
  // The failure classes of real documents, and what was meant.
  const KEYS: [key: string, meant: string | undefined][] = [
    ['{request.body#/notifyUri}', '{$request.body#/notifyUri}'],
    ['{Request.Body#/notifyUri}', '{$Request.Body#/notifyUri}'],
    ['{$request.body.callbackUrl}', '{$request.body#/callbackUrl}'],
    ['{$request.body.urls[2].u}', '{$request.body#/urls/2/u}'],
    ["{$request.body['call back']}", '{$request.body#/call back}'],
    ['{$request.body/x}', '{$request.body#/x}'],
    ['{$request.body#x}', '{$request.body#/x}'],
    ['{$request.body#.x.y}', '{$request.body#/x/y}'],
    ['${request.body#/x}', '{$request.body#/x}'],
    ['${$request.body#/x}/y', '{$request.body#/x}/y'],
    ['https://h/${request.body#/x}', 'https://h/{$request.body#/x}'],
    ['http://$request.query.url', 'http://{$request.query.url}'],
    ['https://h/$request.body#/id?a=b', 'https://h/{$request.body#/id}?a=b'],
    ['https://h/$request.header.X-Id/x', 'https://h/{$request.header.X-Id}/x'],
    ['{$request.headers.x}', '{$request.header.x}'],
    ['{$request.requestBody.x}', '{$request.body#/x}'],
    ['{$request.requestBody#/x}', '{$request.body#/x}'],
    ['{$requestBody#/x}', '{$request.body#/x}'],
    ['{$request.query[url]}', '{$request.query.url}'],
    ['$status', '$statusCode'],
    ['{$response.status}', '{$statusCode}'],
    ['{ $request.body#/x}', '{$request.body#/x}'],
    ['{ request.body#/x }', '{$request.body#/x}'],
    ['{$request.body#/x} ', '{$request.body#/x}'],
    ['{$callback_url}', '{$request.query.callback_url}'],
    ['{$request.body#/x', '{$request.body#/x}'],
    ['{request.body#/x', '{$request.body#/x}'],
    ['{{$request.body#/x}}', '{$request.body#/x}'],
    ['{$request.body#/x}}', '{$request.body#/x}'],
    ['{$request.body#/x}}}/a', '{$request.body#/x}/a'],
    ['{$request.body.#/x}', '{$request.body#/x}'],
    ['{$request.body #/x}', '{$request.body#/x}'],
    ['{$request.body#{', undefined],
    ['{{name}}', '{name}'],
    ['{{request.body.a}}', '{$request.body#/a}'],
    ['https://h/${$request.body#/id}', 'https://h/{$request.body#/id}'],
    ['$request.body.a}', '{$request.body#/a}'],
    ['{$request.body./a}', '{$request.body#/a}'],
    ['$request.body#/x}', undefined],
    ['$url}', '{$url}'],
    ['{$request.body#/x}', undefined],
    ['{name}', undefined],
    ['https://h/fixed', undefined],
    ['{}', undefined],
    ['{$request.cookie.sid}', undefined],
    ['$ref', undefined],
    ['', undefined],
  ]
  test.each(KEYS)('%s → %s', (key, meant) => {
    const mended = repair(key)
    expect(mended?.text).toBe(meant)
    if (mended !== undefined) {
      expect(mended.valid).toBe(true)
      // Idempotent: there is nothing left to mend.
      expect(repair(mended.text)).toBeUndefined()
    }
  })

  test('leaves alone what it knows no way for, and mends the rest', () => {
    const mended = repair('{$request.cookie.a}/{request.body#/x}')
    expect(mended).toMatchObject({ text: '{$request.cookie.a}/{$request.body#/x}', valid: false })
  })

  test('repair: true of parse refuses what stays broken', () => {
    expect(safeParseTemplate('{$request.cookie.a}/{request.body#/x}', { repair: true })).toMatchObject({
      ok: false,
      error: { text: '{$request.cookie.a}/{request.body#/x}', offset: 10 },
    })
  })
})

describe('what is understood of a broken template', () => {
  const PARTIAL: [text: string, parts: string[], options?: TemplateOptions][] = [
    ['https://h/{$request.body#/url', ['https://h/', '{$request.body#/url}']],
    ['{$request.body#/ok/bad~}/x', ['{$request.body#/ok/bad}', '/x']],
    ['{$request.bdy}/{$url}', ['/', '{$url}']],
    ['{id', ['{id}']],
    ['a {$nope} b', ['a ', ' b'], { mode: 'text' }],
  ]
  test.each(PARTIAL)('%s', (text, parts, options) => {
    const result = safeParseTemplate(text, options)
    if (result.ok || result.error.partial?.kind !== 'expression-template') throw new Error('expected a partial template')
    expect(result.error.partial.parts.map(print)).toEqual(parts)
  })
})

describe('expect', () => {
  const roots = ['$url', '$method', '$statusCode', '$request.', '$response.']
  const OFFERS: [text: string, start: number, items: string[], options?: ExpectOptions][] = [
    ['', 0, roots],
    ['$', 0, roots],
    ['$re', 0, ['$request.', '$response.']],
    ['$REQ', 0, ['$request.']],
    ['$request.', 9, ['header.', 'query.', 'path.', 'body']],
    ['$request.h', 9, ['header.']],
    ['$request.body', 13, ['#']],
    ['$request.body#', 14, ['/']],
    ['$request.body#/', 15, ['<a reference token>', '/']],
    ['$request.header.', 16, ['<a header field name>']],
    ['https://h/{', 11, [...roots, '<the name of a path parameter>'], { mode: 'callback-key' }],
    ['', 0, roots, { mode: 'callback-key' }],
    ['https://h/{$request.', 20, ['header.', 'query.', 'path.', 'body'], { mode: 'callback-key' }],
    ['https://h/{$url', 15, ['}'], { mode: 'callback-key' }],
    ['https://h/<$url', 15, ['>'], { mode: 'callback-key', delimiters: 'angle' }],
    ['https://h/{$url}/', 17, [], { mode: 'callback-key' }],
    ['$steps.', 7, ['<a step id>'], { dialect: 'arazzo-1.1.0' }],
    ['$steps.a', 8, ['.outputs.'], { dialect: 'arazzo-1.1.0' }],
    ['$steps.a.', 8, ['.outputs.'], { dialect: 'arazzo-1.1.0' }],
    ['$steps.a.outputs', 8, ['.outputs.'], { dialect: 'arazzo-1.1.0' }],
    ['$workflows.w.i', 12, ['.inputs.'], { dialect: 'arazzo-1.1.0' }],
    ['$components.', 12, ['parameters.', 'successActions.', 'failureActions.'], { dialect: 'arazzo-1.1.0' }],
    ['$message.', 9, ['header', 'payload'], { dialect: 'asyncapi' }],
    ['$workflows.w.outputs.o#//a/}{$', 30, [], { dialect: 'arazzo-1.1.0' }],
  ]
  test.each(OFFERS)('%s at %i: %j', (text, start, items, options) => {
    const { start: found, items: offered } = expectAt(text, text.length, options)
    expect(offered.map((item) => (item.kind === 'keyword' ? item.text : `<${item.label}>`))).toEqual(items)
    expect(found).toBe(start)
  })
})

describe('convertExpression', () => {
  const SAYABLE: [text: string, from: Dialect, to: Dialect, converted: string][] = [
    ['$request.body.a[2].b', 'draft2017', 'oas3', '$request.body#/a/2/b'],
    ['$request.body', 'draft2017', 'oas3', '$request.body'],
    ['$request.body.a/b~c', 'draft2017', 'oas3', '$request.body#/a~1b~0c'],
    ['$request.path.id', 'draft2017', 'oas3', '$request.path.id'],
    ['$request.body#/a/0', 'oas3', 'draft2017', '$request.body.a[0]'],
    ['$response.header.Location', 'oas3', 'arazzo-1.1.0', '$response.header.Location'],
    ['$statusCode', 'arazzo-1.1.0', 'oas3', '$statusCode'],
  ]
  test.each(SAYABLE)('%s of %s in %s is %s', (text, from, to, converted) => {
    const result = convertExpression(parseExpression(text, { dialect: from }), { to })
    expect(result.ok && print(result.value)).toBe(converted)
  })

  const UNSAYABLE: [text: string, from: Dialect, to: Dialect, reason: string][] = [
    ['$inputs.x', 'arazzo-1.1.0', 'oas3', 'no-such-root'],
    ['$message.payload#/a', 'arazzo-1.1.0', 'oas3', 'no-such-root'],
    ['$request.payload', 'arazzo-1.1.0', 'oas3', 'no-such-source'],
    ['$request.query.a{b}', 'oas3', 'arazzo-1.1.0', 'not-sayable'],
    ['$request.body#/a.b', 'oas3', 'draft2017', 'not-sayable'],
    ['$request.body#/', 'oas3', 'draft2017', 'not-sayable'],
    ['$url', 'oas3', 'draft2017', 'no-such-root'],
  ]
  test.each(UNSAYABLE)('%s of %s cannot be said in %s: %s', (text, from, to, reason) => {
    expect(convertExpression(parseExpression(text, { dialect: from }), { to })).toMatchObject({ ok: false, error: { reason } })
  })
})

test('reads lists what a key touches, each name once', () => {
  const key =
    'https://h/{$request.query.a}/{$request.query.a}/{id}?x={$response.body#/id}&y={$request.header.X-Y}&z={$statusCode}{$url}'
  expect(reads(parseTemplate(key))).toEqual({
    request: { url: true, method: false, headers: ['x-y'], query: ['a'], path: [], body: false },
    response: { status: true, headers: ['content-type'], body: true },
    parameters: ['id'],
    outside: [],
  })
  expect(reads(parseExpression('$steps.a.outputs.b', { dialect: 'arazzo-1.1.0' })).outside).toEqual(['$steps'])
})

test('explain never throws, whatever the text', () => {
  for (const text of ['', '$', '$ref', 'x-a', '{', '}', '{$', '{\u0000', '{\ud800', '{'.repeat(9000)]) {
    expect(explain(text).valid, text).toBe(false)
  }
  expect(explain('\u0000\ud800').valid).toBe(true)
})

describe('what a name of Arazzo 1.0 reads', () => {
  const NAMES: [text: string, words: string][] = [
    ['$inputs.user.name', 'the workflow input "user.name"'],
    ['$outputs.token', 'the workflow output "token"'],
    [
      '$steps.login.outputs.token',
      'the output "token" of the step "login" (to Arazzo 1.0 "login.outputs.token" is one name of the steps)',
    ],
    ['$steps.log in.outputs.token', '"log in.outputs.token" of the steps'],
    ['$steps.login.inputs.token', '"login.inputs.token" of the steps'],
    ['$steps.login.outputs.', '"login.outputs." of the steps'],
    [
      '$workflows.sign-up.inputs.mail',
      'the input "mail" of the workflow "sign-up" (to Arazzo 1.0 "sign-up.inputs.mail" is one name of the workflows)',
    ],
    [
      '$sourceDescriptions.pets.url',
      '"url" of the source description "pets" (to Arazzo 1.0 "pets.url" is one name of the sourceDescriptions)',
    ],
    ['$sourceDescriptions.pets', '"pets" of the sourceDescriptions'],
    [
      '$components.parameters.page',
      'the component "page" of parameters (to Arazzo 1.0 "parameters.page" is one name of the components)',
    ],
    ['$inputs.', '"" of the inputs'],
  ]
  test.each(NAMES)('%s', (text, words) => {
    for (const dialect of ['arazzo-1.0.0', 'arazzo-1.0.1'] as const)
      expect(explain(text, { dialect }).parts.map((part) => part.words)).toEqual([words])
  })
})
