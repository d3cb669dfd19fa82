import { Ajv2020 } from 'ajv/dist/2020.js'
import { displayWidth, formatReport, lintText, type Report, type ReportFormat, reportFormats } from 'ringback/lint'
import { describe, expect, test } from 'vitest'
import { documentWithKey, repositoryFile } from './support.ts'

const file = 'specs/a b.yaml'
const text = documentWithKey("'http://example.com/<&\"]]>%,:{request.body#/url}/{$request.query.x}'").replace(
  "'200': { description: OK }",
  "'200': { description: OK, links: { l: { operationId: none } } }",
)
const report: Report = lintText(text, { file, rules: { 'unknown-operation': 'info' } })
const clean: Report = lintText(documentWithKey("'{$request.body#/url}'"), { file })

const shown = (format: ReportFormat, of: Report = report): string =>
  formatReport(of, format, { textOf: () => text, version: '1.2.3' })

test('there is something of everything to report', () => {
  expect(new Set(report.problems.map(({ severity }) => severity))).toEqual(new Set(['error', 'warning', 'info']))
})

test('pretty', () =>
  expect(shown('pretty')).toMatchInlineSnapshot(`
    "specs/a b.yaml:18:12  warning  http-url
      18 |           'http://example.com/<&"]]>%,:{request.body#/url}/{$request.query.x}':
         |            ^^^^^^^
      What is sent to an "http:" URL can be read and changed on its way; use "https:".

    specs/a b.yaml:18:41  error  no-dollar
      18 |           'http://example.com/<&"]]>%,:{request.body#/url}/{$request.query.x}':
         |                                         ^^^^^^^^^^^^^^^^^
      An expression starts with "$", which is missing here.

    specs/a b.yaml:18:76  error  undeclared-query-parameter
      18 |           'http://example.com/<&"]]>%,:{request.body#/url}/{$request.query.x}':
         |                                                                            ^
      POST /orders declares no query parameter "x".

    specs/a b.yaml:19:87  info  unknown-operation
      19 |             post: { responses: { '200': { description: OK, links: { l: { operationId: none } } } } }
         |                                                                                       ^^^^
      The operationId "none" names no operation: no operation has this operationId.

    2 errors, 1 warning and 1 info in 1 callback key and 2 expressions of 1 file
    Each rule has a page: ringback lint --explain <rule>
    "
  `))
test('stylish', () =>
  expect(shown('stylish')).toMatchInlineSnapshot(`
    "specs/a b.yaml
      18:12  warning  What is sent to an "http:" URL can be read and changed on its way; use "https:".  http-url
      18:41  error    An expression starts with "$", which is missing here.  no-dollar
      18:76  error    POST /orders declares no query parameter "x".  undeclared-query-parameter
      19:87  info     The operationId "none" names no operation: no operation has this operationId.  unknown-operation

    2 errors, 1 warning and 1 info in 1 callback key and 2 expressions of 1 file
    Each rule has a page: ringback lint --explain <rule>
    "
  `))
test('github', () =>
  expect(shown('github')).toMatchInlineSnapshot(`
    "::warning file=specs/a b.yaml,line=18,col=12,endLine=18,endColumn=19,title=ringback http-url::What is sent to an "http:" URL can be read and changed on its way; use "https:".
    ::error file=specs/a b.yaml,line=18,col=41,endLine=18,endColumn=58,title=ringback no-dollar::An expression starts with "$", which is missing here.
    ::error file=specs/a b.yaml,line=18,col=76,endLine=18,endColumn=77,title=ringback undeclared-query-parameter::POST /orders declares no query parameter "x".
    ::notice file=specs/a b.yaml,line=19,col=87,endLine=19,endColumn=91,title=ringback unknown-operation::The operationId "none" names no operation: no operation has this operationId.
    "
  `))
test('agent', () =>
  expect(shown('agent')).toMatchInlineSnapshot(`
    "specs/a b.yaml:18:12 warning http-url What is sent to an "http:" URL can be read and changed on its way; use "https:".
    specs/a b.yaml:18:41 error no-dollar An expression starts with "$", which is missing here. -> http://example.com/<&"]]>%,:{$request.body#/url}/{$request.query.x}
    specs/a b.yaml:18:76 error undeclared-query-parameter POST /orders declares no query parameter "x".
    errors=2 warnings=1 infos=1 callbacks=1 expressions=2 files=1 (infos are not listed here: --format stylish)
    "
  `))
test('junit', () =>
  expect(shown('junit')).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="ringback" tests="4" failures="3" errors="0">
      <testsuite name="specs/a b.yaml" tests="4" failures="3" errors="0">
        <testcase classname="specs/a b.yaml" name="http-url 18:12">
          <failure type="warning: http-url" message="What is sent to an &quot;http:&quot; URL can be read and changed on its way; use &quot;https:&quot;.">specs/a b.yaml:18:12 warning What is sent to an &quot;http:&quot; URL can be read and changed on its way; use &quot;https:&quot;. (#/paths/~1orders/post/callbacks/called/http:~1~1example.com~1&lt;&amp;&quot;]]&gt;%,:{request.body#~1url}~1{$request.query.x})</failure>
        </testcase>
        <testcase classname="specs/a b.yaml" name="no-dollar 18:41">
          <failure type="error: no-dollar" message="An expression starts with &quot;$&quot;, which is missing here.">specs/a b.yaml:18:41 error An expression starts with &quot;$&quot;, which is missing here. (#/paths/~1orders/post/callbacks/called/http:~1~1example.com~1&lt;&amp;&quot;]]&gt;%,:{request.body#~1url}~1{$request.query.x})</failure>
        </testcase>
        <testcase classname="specs/a b.yaml" name="undeclared-query-parameter 18:76">
          <failure type="error: undeclared-query-parameter" message="POST /orders declares no query parameter &quot;x&quot;.">specs/a b.yaml:18:76 error POST /orders declares no query parameter &quot;x&quot;. (#/paths/~1orders/post/callbacks/called/http:~1~1example.com~1&lt;&amp;&quot;]]&gt;%,:{request.body#~1url}~1{$request.query.x})</failure>
        </testcase>
        <testcase classname="specs/a b.yaml" name="unknown-operation 19:87">
          <system-out>specs/a b.yaml:19:87 info The operationId &quot;none&quot; names no operation: no operation has this operationId. (#/paths/~1orders/post/callbacks/called/http:~1~1example.com~1&lt;&amp;&quot;]]&gt;%,:{request.body#~1url}~1{$request.query.x}/post/responses/200/links/l/operationId)</system-out>
        </testcase>
      </testsuite>
    </testsuites>
    "
  `))

describe('json', () => {
  const validate = new Ajv2020({ strict: true }).compile(JSON.parse(repositoryFile('src/lint/report.schema.json')))
  test.each([report, clean])('is what its schema says', (one) => {
    const value = JSON.parse(shown('json', one))
    expect(validate(value) ? [] : validate.errors).toEqual([])
    expect(value).toEqual({ problems: one.problems, summary: one.summary })
  })
})

test('codeclimate: a finding keeps its fingerprint when lines above it change', () => {
  const issues: { fingerprint: string; location: object }[] = JSON.parse(shown('codeclimate'))
  expect(issues[0]).toMatchObject({
    type: 'issue',
    check_name: report.problems[0]?.rule,
    location: { path: file, lines: { begin: report.problems[0]?.line } },
  })
  const moved = lintText(text.replace('info:', 'x-a: 1\ninfo:'), { file, rules: { 'unknown-operation': 'info' } })
  const again: typeof issues = JSON.parse(shown('codeclimate', moved))
  expect(again.map(({ fingerprint }) => fingerprint)).toEqual(issues.map(({ fingerprint }) => fingerprint))
  expect(again[0]?.location).not.toEqual(issues[0]?.location)
  expect(new Set(issues.map(({ fingerprint }) => fingerprint)).size).toBe(issues.length)
})

test('sarif has a region, a rule and a fix for a finding', () => {
  const log = JSON.parse(shown('sarif'))
  const [run] = log.runs
  const index = report.problems.findIndex(({ rule }) => rule === 'no-dollar')
  const problem = report.problems[index]
  const result = run.results[index]
  expect(run.tool.driver.rules[result.ruleIndex].id).toBe('no-dollar')
  expect(result).toMatchObject({
    ruleId: 'no-dollar',
    level: 'error',
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'specs/a%20b.yaml' },
          region: { startLine: problem?.line, startColumn: problem?.column, charOffset: problem?.offset },
        },
      },
    ],
  })
  expect(run.results).toHaveLength(report.problems.length)
})

test.each(reportFormats)('%s of nothing is no error, and hostile names do not reach the terminal', (format) => {
  expect(shown(format, clean)).not.toContain('undefined')
  const hostile = lintText(documentWithKey('"\\e[31m{request.body#/\\u202eurl}"'), { file: 'a\u001b[2J.yaml' })
  if (format !== 'json' && format !== 'sarif' && format !== 'codeclimate' && format !== 'github')
    expect(formatReport(hostile, format)).not.toMatch(/[\u001b\u202e]/)
})

const WIDTHS: [text: string, columns: number][] = [
  ['', 0],
  ['abc', 3],
  ['é', 1],
  ['e\u0301', 1],
  ['通知', 4],
  ['ｱ', 1],
  ['Ａ', 2],
  ['한국', 4],
  ['\u1112\u1161\u11ab', 2],
  ['👍', 2],
  ['👩‍👩‍👧', 2],
  ['❤\ufe0f', 2],
  ['❤', 1],
  ['🇩🇪', 2],
  ['\u200b', 0],
]
test.each(WIDTHS)('%j takes %i columns', (wide, columns) => {
  expect(displayWidth(wide)).toBe(columns)
})

test('the caret stands under the wrong character behind wide ones, also where the line is cut', () => {
  for (const before of ['通知/👍/e\u0301/', '👍'.repeat(100)]) {
    const document = documentWithKey(`'https://example.com/${before}{request.body#/url}'`)
    const shownText = formatReport(lintText(document), 'pretty', { textOf: () => document })
    const [code = '', carets = ''] = shownText.split('\n').slice(1)
    expect(shownText).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/)
    expect(carets.indexOf('^')).toBe(displayWidth(code.slice(0, code.indexOf('request'))))
  }
})
