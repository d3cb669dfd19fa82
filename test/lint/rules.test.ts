import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readDescription } from 'ringback'
import { applyFixes, lint, lintText, ruleNames } from 'ringback/lint'
import { expect, test } from 'vitest'
import { documentAround } from './support.ts'

const fixture = (rule: string): string =>
  readFileSync(fileURLToPath(new URL(`../fixtures/lint/${rule}.yaml`, import.meta.url)), 'utf8')

/** Every finding in the smallest document that a rule is for, and the lines that its fixes change. */
function found(rule: string): string {
  const before = fixture(rule)
  const { problems, text } = lintText(before)
  const lines = problems.map(
    ({ line, column, endColumn, severity, rule, message }) => `${line}:${column}-${endColumn} ${severity} ${rule}: ${message}`,
  )
  const fixes = problems.flatMap(({ fix }) => (fix === undefined ? [] : [fix]))
  const fixed = applyFixes(text, fixes).text
  const changed = fixed.split('\n').filter((line, i) => line !== before.split('\n')[i])
  return [...lines, ...changed.map((line) => `fix ${line.trim()}`)].join('\n')
}

test('dollar-outside-brace', () =>
  expect(found('dollar-outside-brace')).toMatchInlineSnapshot(`
  "17:12-13 error dollar-outside-brace: The "$" belongs inside the braces: "{$…}", not "\${…}".
  fix '{$request.body#/callbackUrl}':"
`))
test('no-dollar', () =>
  expect(found('no-dollar')).toMatchInlineSnapshot(`
  "17:13-38 error no-dollar: An expression starts with "$", which is missing here.
  fix '{$request.body#/callbackUrl}':"
`))
test('dot-instead-of-pointer', () =>
  expect(found('dot-instead-of-pointer')).toMatchInlineSnapshot(`
  "17:26-27 error dot-instead-of-pointer: A body is looked into with "#" and a JSON Pointer, not with dots or brackets.
  fix '{$request.body#/callbackUrl}':"
`))
test('missing-hash', () =>
  expect(found('missing-hash')).toMatchInlineSnapshot(`
  "17:26-27 error missing-hash: Expected the end of the expression, or "#" and a JSON Pointer, after "body".
  fix '{$request.body#/callbackUrl}':"
`))
test('missing-slash-after-hash', () =>
  expect(found('missing-slash-after-hash')).toMatchInlineSnapshot(`
  "17:27-38 error missing-slash-after-hash: A JSON Pointer starts with "/", which is missing here.
  fix '{$request.body#/callbackUrl}':"
`))
test('unclosed-brace', () =>
  expect(found('unclosed-brace')).toMatchInlineSnapshot(`
  "17:12-13 error unclosed-brace: This brace is never closed: expected "}".
  fix '{$request.body#/callbackUrl}':"
`))
test('stray-brace', () =>
  expect(found('stray-brace')).toMatchInlineSnapshot(`
  "17:40-41 error stray-brace: This brace closes nothing. A URL has no braces but those around an expression or a parameter.
  fix '{$request.body#/callbackUrl}':"
`))
test('bare-expression-inside-text', () =>
  expect(found('bare-expression-inside-text')).toMatchInlineSnapshot(`
  "10:41-67 error bare-expression-inside-text: Inside a URL an expression stands in braces: expected "{$request.query.callbackUrl}".
  fix 'https://proxy.example.com/?to={$request.query.callbackUrl}':"
`))
test('headers-instead-of-header', () =>
  expect(found('headers-instead-of-header')).toMatchInlineSnapshot(`
  "10:22-23 error headers-instead-of-header: Expected "header." but found "headers".
  fix '{$request.header.Callback-Url}':"
`))
test('unknown-source', () =>
  expect(found('unknown-source')).toMatchInlineSnapshot(`
  "10:13-26 error unknown-source: Expected "$url", "$method", "$statusCode", "$request." or "$response." but found "$callback_url". Did you mean "$request.query.callback_url"?
  fix '{$request.query.callback_url}':"
`))
test('bad-header-name', () =>
  expect(found('bad-header-name')).toMatchInlineSnapshot(
    `"10:37-38 error bad-header-name: " " cannot be part of the name of a header field (RFC 9110, section 5.6.2)."`,
  ))
test('bad-name', () =>
  expect(found('bad-name')).toMatchInlineSnapshot(`
  "10:29-30 error bad-name: A quotation mark in a name is written \\".
  fix '{$request.query.a\\"b}':"
`))
test('bad-pointer-escape', () =>
  expect(found('bad-pointer-escape')).toMatchInlineSnapshot(`
  "17:36-37 error bad-pointer-escape: In a JSON Pointer "~" is written "~0", and a "/" inside a name "~1" (RFC 6901, section 3).
  fix '{$request.body#/callback~0url}':"
`))
test('whitespace-in-key', () =>
  expect(found('whitespace-in-key')).toMatchInlineSnapshot(`
  "17:13-14 error whitespace-in-key: White space cannot stand inside an expression.
  fix '{$request.body#/callbackUrl}':"
`))
test('unquoted-key', () =>
  expect(found('unquoted-key')).toMatchInlineSnapshot(`
  "17:11-39 warning unquoted-key: Quote this key, '{$request.body#/callbackUrl}': without quotes YAML reads the brace as the start of a mapping.
  fix '{$request.body#/callbackUrl}':"
`))
test('comment-in-expression', () =>
  expect(found('comment-in-expression')).toMatchInlineSnapshot(`
  "16:36-40 error comment-in-expression: For YAML this is a comment, because of the space before it: the value is only "$response.body".
  fix id: '$response.body#/id'"
`))
test('angle-delimiters', () =>
  expect(found('angle-delimiters')).toMatchInlineSnapshot(`
  "17:11-39 warning angle-delimiters: Expressions are put into a URL with braces, not with angle brackets: expected "{$request.body#/callbackUrl}".
  fix '{$request.body#/callbackUrl}':"
`))
test('keyword-case', () =>
  expect(found('keyword-case')).toMatchInlineSnapshot(`
  "17:13-39 info keyword-case: Most tools know this expression only as "$request.body#/callbackUrl".
  fix '{$request.body#/callbackUrl}':"
`))
test('brace-in-bare-expression', () =>
  expect(found('brace-in-bare-expression')).toMatchInlineSnapshot(
    `"17:27-28 info brace-in-bare-expression: This brace is part of the name that is looked for, because the expression has no braces around it."`,
  ))
test('empty-name', () =>
  expect(found('empty-name')).toMatchInlineSnapshot(
    `"10:13-28 info empty-name: This reads the parameter whose name is the empty text."`,
  ))
test('hash-in-name', () =>
  expect(found('hash-in-name')).toMatchInlineSnapshot(`
    "10:48-57 error undeclared-query-parameter: POST /orders declares no query parameter "filter#/0". Did you mean "$request.query.filter"?
    10:54-57 info hash-in-name: The "#" belongs to the name, which is "filter#/0": only a body is looked into with a JSON Pointer."
  `))
test('percent-in-pointer', () =>
  expect(found('percent-in-pointer')).toMatchInlineSnapshot(`
  "17:28-42 error pointer-not-in-schema: The request body (application/json) has no property "callback%2Furl".
  17:36-39 warning percent-in-pointer: A JSON Pointer in an expression is not percent-decoded: expected "$request.body#/callback~1url".
  fix '{$request.body#/callback~1url}':"
`))
test('undeclared-path-parameter', () =>
  expect(found('undeclared-path-parameter')).toMatchInlineSnapshot(
    `"17:41-45 error undeclared-path-parameter: "{id}" is a path parameter of the callback, and its path item declares none of that name."`,
  ))
test('undeclared-query-parameter', () =>
  expect(found('undeclared-query-parameter')).toMatchInlineSnapshot(
    `"10:28-37 error undeclared-query-parameter: POST /orders declares no query parameter "notifyUrl"."`,
  ))
test('query-name-case', () =>
  expect(found('query-name-case')).toMatchInlineSnapshot(`
  "10:28-39 error query-name-case: Names of query parameters are case-sensitive: the operation declares "callbackUrl".
  fix '{$request.query.callbackUrl}':"
`))
test('undeclared-request-header', () =>
  expect(found('undeclared-request-header')).toMatchInlineSnapshot(
    `"8:29-41 info undeclared-request-header: POST /orders declares no header parameter "Callback-Url"."`,
  ))
test('undeclared-response-header', () =>
  expect(found('undeclared-response-header')).toMatchInlineSnapshot(
    `"8:30-38 warning undeclared-response-header: No successful response declares a header "Location"."`,
  ))
test('pointer-not-in-schema', () =>
  expect(found('pointer-not-in-schema')).toMatchInlineSnapshot(
    `"17:28-37 error pointer-not-in-schema: The request body (application/json) has no property "notifyUri". Did you mean "#/subscription/notifyUri"?"`,
  ))
test('pointer-into-json-part', () =>
  expect(found('pointer-into-json-part')).toMatchInlineSnapshot(
    `"17:27-37 error pointer-into-json-part: The body is multipart/related: a JSON Pointer into it starts with the name of a part. Did you mean "#/jsonData/notifyUri"?"`,
  ))
test('request-without-body', () =>
  expect(found('request-without-body')).toMatchInlineSnapshot(
    `"8:13-39 error request-without-body: POST /orders has no request body."`,
  ))
test('response-without-body', () =>
  expect(found('response-without-body')).toMatchInlineSnapshot(
    `"10:13-40 error response-without-body: No successful response of the operation has a body."`,
  ))
test('response-query-or-path', () =>
  expect(found('response-query-or-path')).toMatchInlineSnapshot(
    `"10:13-40 warning response-query-or-path: A response has no query parameters, so this never has a value."`,
  ))
test('not-a-url', () =>
  expect(found('not-a-url')).toMatchInlineSnapshot(
    `"17:13-39 error not-a-url: A callback is sent to a URL, and this is an integer."`,
  ))
test('array-of-urls', () =>
  expect(found('array-of-urls')).toMatchInlineSnapshot(
    `"17:13-39 info array-of-urls: This is an array. If one callback is sent for each of its items, say so in the description: OpenAPI cannot."`,
  ))
test('relative-url', () =>
  expect(found('relative-url')).toMatchInlineSnapshot(
    `"8:11-18 error relative-url: A callback is sent to a URL, and "/notify" is none: expected an expression, or text that starts with "https://"."`,
  ))
test('http-url', () =>
  expect(found('http-url')).toMatchInlineSnapshot(
    `"10:12-19 warning http-url: What is sent to an "http:" URL can be read and changed on its way; use "https:"."`,
  ))
test('userinfo', () =>
  expect(found('userinfo')).toMatchInlineSnapshot(
    `"10:20-32 warning userinfo: User name and password in a URL are published with the description, and many clients refuse them."`,
  ))
test('duplicate-key', () =>
  expect(found('duplicate-key')).toMatchInlineSnapshot(
    `"19:11-41 error duplicate-key: The key "{$request.body#/callbackUrl}" stands here for the second time; it was first on line 17. Parsers keep one of the two, and not the same."`,
  ))
test('constant-key', () =>
  expect(found('constant-key')).toMatchInlineSnapshot(
    `"8:11-35 info constant-key: This URL has no expression in it: every callback goes to the same place, whoever asked for it."`,
  ))
test('expression-in-host', () =>
  expect(found('expression-in-host')).toMatchInlineSnapshot(
    `"10:21-42 info expression-in-host: This value becomes part of the host: whoever sends it chooses which machine the server contacts. Check it before use."`,
  ))
test('url-method-status-in-key', () =>
  expect(found('url-method-status-in-key')).toMatchInlineSnapshot(
    `"8:33-40 info url-method-status-in-key: This is the method of the request."`,
  ))
test('optional-url', () =>
  expect(found('optional-url')).toMatchInlineSnapshot(
    `"16:13-39 info optional-url: This is optional. Without it there is no URL, and the callback is not sent."`,
  ))
test('cannot-check', () =>
  expect(found('cannot-check')).toMatchInlineSnapshot(
    `"13:13-39 info cannot-check: Cannot check whether this has a value: the schema says nothing of what is inside."`,
  ))
test('get-with-body', () =>
  expect(found('get-with-body')).toMatchInlineSnapshot(
    `"19:15-26 warning get-with-body: A body in a GET request has no meaning, and may be dropped or refused on its way (RFC 9110, section 9.3.1)."`,
  ))
test('nested-callback', () =>
  expect(found('nested-callback')).toMatchInlineSnapshot(
    `"22:17-29 info nested-callback: The callback POST "{$request.body#/callbackUrl}" has the callback "acknowledged": "$request" in its keys is the request of that callback."`,
  ))
test('empty-path-item', () =>
  expect(found('empty-path-item')).toMatchInlineSnapshot(
    `"17:11-41 info empty-path-item: There is no operation under this callback key, so no request is described."`,
  ))
test('unresolved-reference', () =>
  expect(found('unresolved-reference')).toMatchInlineSnapshot(
    `"8:11-54 error unresolved-reference: The reference "#/components/callbacks/orderShipped" cannot be followed: there is nothing at "#/components/callbacks/orderShipped" in <text>."`,
  ))
test('unused-callback', () =>
  expect(found('unused-callback')).toMatchInlineSnapshot(
    `"6:5-17 info unused-callback: No operation refers to the callback "orderShipped", so its expressions cannot be checked."`,
  ))
test('unknown-operation', () =>
  expect(found('unknown-operation')).toMatchInlineSnapshot(
    `"14:28-37 error unknown-operation: The operationId "get_order" names no operation: no operation has this operationId. Did you mean "getOrder"?"`,
  ))
test('unknown-link-parameter', () =>
  expect(found('unknown-link-parameter')).toMatchInlineSnapshot(`
  "13:13-17 info missing-link-parameter: GET /orders/{id}, where this link leads, requires "id", which the link does not pass.
  15:29-36 error unknown-link-parameter: GET /orders/{id}, where this link leads, declares no parameter "orderId"."
`))
test('ambiguous-link-parameter', () =>
  expect(found('ambiguous-link-parameter')).toMatchInlineSnapshot(
    `"15:29-31 warning ambiguous-link-parameter: Several parameters of the target have this name: write "path.id" or "query.id"."`,
  ))
test('missing-link-parameter', () =>
  expect(found('missing-link-parameter')).toMatchInlineSnapshot(
    `"13:13-17 info missing-link-parameter: GET /orders/{id}, where this link leads, requires "id", which the link does not pass."`,
  ))
test('looks-like-expression', () =>
  expect(found('looks-like-expression')).toMatchInlineSnapshot(`
  "15:33-50 warning looks-like-expression: This is no expression, so the text itself is passed. Did you mean "$response.body#/id"?
  fix parameters: { id: $response.body#/id }"
`))
test('invalid-expression', () =>
  expect(found('invalid-expression')).toMatchInlineSnapshot(
    `"17:12-12 error invalid-expression: Expected an expression but found nothing."`,
  ))

test('link-target', () =>
  expect(found('link-target')).toMatchInlineSnapshot(`
  "13:13-17 error link-target: This link leads nowhere: expected an "operationId" or an "operationRef".
  17:15-27 error link-target: A link has an "operationId" or an "operationRef", not both: readers choose one, and not the same."
`))
test('duplicate-link-parameter', () =>
  expect(found('duplicate-link-parameter')).toMatchInlineSnapshot(
    `"15:53-60 warning duplicate-link-parameter: This is the path parameter "id", which "id" passes already."`,
  ))
test('unknown-ignored-rule', () =>
  expect(found('unknown-ignored-rule')).toMatchInlineSnapshot(`
  "3:21-34 warning unknown-ignored-rule: There is no rule "optional-urls". Did you mean "optional-url"?
  3:47-48 warning unknown-ignored-rule: There is no rule 7.
  6:24-43 warning unknown-ignored-rule: Expected true, the name of a rule, or a list of names but found "{\\"rule\\":\\"no-dollar\\"}".
  8:26-34 warning unknown-ignored-rule: There is no rule "nodollar". Did you mean "no-dollar"?"
`))
test('bad-delivery-setting', () =>
  expect(found('bad-delivery-setting')).toMatchInlineSnapshot(`
    "3:1-20 warning bad-delivery-setting: It has no effect here: it belongs on a Callback Object (not beside a "$ref"), on an operation under its key, or on one of a webhook.
    6:5-24 warning bad-delivery-setting: It has no effect here: it belongs on a Callback Object (not beside a "$ref"), on an operation under its key, or on one of a webhook.
    8:7-26 warning bad-delivery-setting: It has no effect here: it belongs on a Callback Object (not beside a "$ref"), on an operation under its key, or on one of a webhook.
    22:13-32 warning bad-delivery-setting: It has no effect here: it belongs on a Callback Object (not beside a "$ref"), on an operation under its key, or on one of a webhook.
    24:52-57 warning bad-delivery-setting: Expected a wait such as 250 (milliseconds), "5s" or "14h", at most 365 days, but found "5 sec".
    24:59-64 warning bad-delivery-setting: Expected a wait such as 250 (milliseconds), "5s" or "14h", at most 365 days, but found "1 Min".
    24:66-74 warning bad-delivery-setting: Expected a wait such as 250 (milliseconds), "5s" or "14h", at most 365 days, but found "3 months".
    24:76-80 warning bad-delivery-setting: Expected a wait such as 250 (milliseconds), "5s" or "14h", at most 365 days, but found "30".
    24:82-84 warning bad-delivery-setting: Expected a wait such as 250 (milliseconds), "5s" or "14h", at most 365 days, but found -1.
    24:86-90 warning bad-delivery-setting: Expected a wait such as 250 (milliseconds), "5s" or "14h", at most 365 days, but found NaN.
    24:92-96 warning bad-delivery-setting: Expected a wait such as 250 (milliseconds), "5s" or "14h", at most 365 days, but found "366d".
    24:98-102 warning bad-delivery-setting: Expected a wait such as 250 (milliseconds), "5s" or "14h", at most 365 days, but found null.
    24:104-107 warning bad-delivery-setting: Expected a wait such as 250 (milliseconds), "5s" or "14h", at most 365 days, but found a list.
    27:34-41 warning bad-delivery-setting: There is no "shedule", only "schedule". Did you mean "schedule"?
    27:48-55 warning bad-delivery-setting: There is no "retries", only "schedule".
    29:41-43 warning bad-delivery-setting: Expected { schedule: [0, "5s", "30m"] } but found "5s".
    30:53-55 warning bad-delivery-setting: Expected a list of 1 to 100 waits but found "5s".
    31:54-56 warning bad-delivery-setting: Expected a list of 1 to 100 waits but found an empty list.
    32:43-45 warning bad-delivery-setting: Expected { schedule: [0, "5s", "30m"] } but found an object.
    33:44-47 warning bad-delivery-setting: Expected { schedule: [0, "5s", "30m"] } but found a list.
    36:11-30 warning bad-delivery-setting: It has no effect here: it belongs on a Callback Object (not beside a "$ref"), on an operation under its key, or on one of a webhook.
    44:5-10 info unused-callback: No operation refers to the callback "spare", so its expressions cannot be checked.
    45:40-48 warning bad-delivery-setting: Expected a list of 1 to 100 waits but found "nonsense".
    50:5-24 warning bad-delivery-setting: It has no effect here: it belongs on a Callback Object (not beside a "$ref"), on an operation under its key, or on one of a webhook.
    52:46-49 warning bad-delivery-setting: Expected a wait such as 250 (milliseconds), "5s" or "14h", at most 365 days, but found "x"."
  `))

test('bad-delivery-setting: how many waits there may be, and what no document in text can hold', async () => {
  const around = (waits: string): readonly string[] =>
    lintText(
      documentAround(`callbacks:
  called:
    'https://a.example':
      post: { x-ringback-delivery: { schedule: ${waits} }, responses: { '200': { description: OK } } }
`),
    ).problems.flatMap(({ rule, message }) => (rule === 'bad-delivery-setting' ? [message] : []))
  const list = (count: number): string => JSON.stringify(Array.from({ length: count }, () => '1s'))
  expect(around(list(100))).toEqual([])
  expect(around(list(101))).toEqual(['Expected a list of 1 to 100 waits but found 101.'])
  const hostile: Record<string, unknown> = { schedule: [Object.create(null), () => 0, 1n, Symbol('x')] }
  hostile.schedule = [...(hostile.schedule as unknown[]), hostile]
  const described = await readDescription({
    openapi: '3.1.0',
    info: { title: 'T', version: '1' },
    webhooks: { w: { post: { 'x-ringback-delivery': hostile, responses: {} } } },
  })
  expect(lint(described).problems.filter(({ rule }) => rule === 'bad-delivery-setting')).toHaveLength(5)
})

test('every rule has its fixture, and speaks of it', () => {
  const silent = ruleNames.filter((rule) => !lintText(fixture(rule)).problems.some((problem) => problem.rule === rule))
  expect(silent).toEqual([])
})

test('a link under components that no response refers to is read too, but for an operationId that another document may have', () => {
  const { problems, summary } = lintText(
    documentAround(`paths:
  /orders/{id}:
    get:
      operationId: getOrder
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses:
        '200':
          description: ok
          content: { application/json: { schema: { type: object, properties: { id: { type: string } } } } }
          links: { used: { $ref: '#/components/links/Alias' } }
components:
  links:
    Alias: { $ref: '#/components/links/Used' }
    Used: { operationId: getOrder, parameters: { id: '$response.body#/id' } }
    Broken: { operationId: getOrder, parameters: { id: '$response.bdy#/id', nope: '$url' } }
    Elsewhere: { operationId: getOrdre }
    Nowhere: { operationRef: '#/paths/~1order/get' }
    Neither: { parameters: { id: 'response.body#/id' } }
    x-other: { parameters: { id: '$nothing' } }
    Text: hello
`),
  )
  expect(problems.map(({ severity, rule, pointer }) => [severity, rule, pointer.replace('/components/links/', '')])).toEqual([
    ['error', 'unknown-source', 'Broken/parameters/id'],
    ['error', 'unknown-link-parameter', 'Broken/parameters/nope'],
    ['info', 'cannot-check', 'Elsewhere/operationId'],
    ['error', 'unknown-operation', 'Nowhere/operationRef'],
    ['error', 'link-target', 'Neither'],
    ['warning', 'looks-like-expression', 'Neither/parameters/id'],
  ])
  expect(summary.expressions).toBe(3)
})
