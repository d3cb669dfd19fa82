import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { compile, interpolate, parseExpression, parseTemplate, safeParseExpression, safeParseTemplate } from 'ringback/expression'
import { loadPrism, prismExchange } from '../scripts/scoreboard/prism.ts'
import { loadRedocly, redoclyContext } from '../scripts/scoreboard/redocly.ts'
import { hostileShapes } from '../test/support/hostile-texts.ts'
import { type Candidate, machine, measure, printMeasured } from './measure.ts'
import { createApgParsers } from './peers/apg.ts'
import { parseByHand } from './peers/hand-written.ts'
import { parseByRegularExpression } from './peers/regular-expression.ts'

// node scripts/run.mjs bench/expression.ts
// Rates are those of the best of seven rounds, in which the candidates take turns.

console.log(machine())
console.log(`ringback ${(JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version}`)

const typical = '$request.body#/callbackUrl'
const mix = [
  typical,
  ...['$request.query.callbackUrl', '$response.header.Location', '$request.body#/data/0/links/self', '$url'],
  ...['$statusCode', '$request.path.id', '$response.body#/a~1b/c~0d', '$request.header.X-Callback-Url'],
]
const key = '{$request.body#/callbackUrl}/data/{$response.body#/id}?code={$statusCode}'
const template = 'https://hooks.example/{$request.path.id}/data?code={$statusCode}&id={$response.body#/id}'
const exchange = {
  request: {
    method: 'POST',
    url: 'https://api.example/streams/7?callbackUrl=https%3A%2F%2Fhooks.example%2Fcb',
    headers: { host: 'api.example', 'content-type': 'application/json', 'x-callback-url': 'https://hooks.example/cb' },
    path: { id: '7' },
    query: { callbackUrl: 'https://hooks.example/cb' },
    body: { callbackUrl: 'https://hooks.example/cb', data: [{ links: { self: '/x' } }] },
  },
  response: { status: 201, headers: { location: 'https://api.example/streams/7' }, body: { id: 'a1b2', 'a/b': { 'c~d': 1 } } },
}

const at = <T>(list: readonly T[], i: number): T => list[i % list.length] as T
const candidate = (name: string, run: (i: number) => unknown): Candidate => ({ name, run })

const prism = await loadPrism()
const redocly = await loadRedocly()
for (const [name, loaded] of Object.entries({ prism, redocly }))
  if (!loaded.ok) console.log(`${name} is left out: ${loaded.error}`)
const prismName = prism.ok ? `@stoplight/prism-http ${prism.value.version}` : ''
const redoclyName = redocly.ok ? `@redocly/respect-core ${redocly.value.version}` : ''
const apg = createApgParsers()

sameLanguage()
parsing()
evaluating()
interpolating()
starting()
hostile()

/** A peer that accepts what the others refuse is measured at something else. */
function sameLanguage(): void {
  const rows = JSON.parse(readFileSync('test/fixtures/conformance/expression-cases.json', 'utf8')) as {
    readonly kind: string
    readonly dialect: string
    readonly input: string
  }[]
  for (const { input, kind, dialect } of rows) {
    if (kind !== 'expression' || !dialect.startsWith('oas3')) continue
    const ours = safeParseExpression(input).ok
    const verdicts = [parseByHand(input) !== undefined, parseByRegularExpression(input) !== undefined, apg.verdict(input)]
    if (verdicts.some((verdict) => verdict !== ours)) throw new Error(`${JSON.stringify(input)}: ${ours} but ${verdicts}`)
  }
}

function parsing(): void {
  for (const [title, texts, target] of [
    [`parse ${typical}`, [typical], 400_000],
    [`parse ${mix.length} expressions in turn`, mix, 400_000],
  ] as const) {
    const candidates = [
      candidate('ringback safeParseExpression', (i) => safeParseExpression(at(texts, i))),
      candidate('written by hand, no positions, no messages', (i) => parseByHand(at(texts, i))),
      candidate('one regular expression, no positions, no messages', (i) => parseByRegularExpression(at(texts, i))),
      candidate('apg-js from the ABNF, with a tree (target: 15 times)', (i) => apg.tree(at(texts, i))),
      candidate('apg-js from the ABNF, verdict only', (i) => apg.verdict(at(texts, i))),
    ]
    if (redocly.ok) {
      const { parseRuntimeExpression } = redocly.value
      candidates.push(candidate(`${redoclyName} (Peggy)`, (i) => parseRuntimeExpression(at(texts, i))))
    }
    printMeasured(title, measure(candidates), target)
  }
  const oneTemplate = [candidate(`safeParseTemplate ${key}`, () => safeParseTemplate(key))]
  printMeasured('parse a callback key', measure(oneTemplate))
  const node = parseExpression(typical)
  const tree = parseTemplate(key)
  printMeasured('compile a tree', measure([candidate(`compile ${typical}`, () => compile(node))]))
  printMeasured('compile a tree', measure([candidate(`compile ${key}`, () => compile(tree, { encode: 'url' }))]))
}

function evaluating(): void {
  const compiled = compile(parseExpression(typical))
  const all = mix.map((text) => compile(parseExpression(text)))
  const candidates = [candidate(`ringback compiled ${typical}`, () => compiled(exchange))]
  if (prism.ok) {
    const { expression } = prism.value
    const given = prismExchange(exchange)
    candidates.push(candidate(prismName, () => expression(typical, given)))
  }
  if (redocly.ok) {
    const { evaluateRuntimeExpression } = redocly.value
    const context = redoclyContext(exchange)
    candidates.push(candidate(redoclyName, () => evaluateRuntimeExpression(typical, context, {})))
  }
  printMeasured('evaluate', measure(candidates), 10_000_000)
  const inTurn = [candidate('ringback compiled', (i) => at(all, i)(exchange))]
  printMeasured(`evaluate ${all.length} expressions in turn`, measure(inTurn), 10_000_000)
}

function interpolating(): void {
  const none = compile(parseTemplate(key), { encode: 'none' })
  const candidates = [
    candidate(`ringback compiled, encode: none`, () => none(exchange)),
    candidate('ringback from the text, encode: none', () => interpolate(key, exchange)),
  ]
  if (prism.ok) {
    const { template: resolve } = prism.value
    const given = prismExchange(exchange)
    candidates.push(candidate(`${prismName}, without encoding`, () => resolve(key, given)))
  }
  printMeasured(`interpolate ${key}`, measure(candidates), 3_000_000)
  for (const text of [key, template]) {
    const url = compile(parseTemplate(text), { encode: 'url' })
    printMeasured(`interpolate ${text}`, measure([candidate('ringback compiled, encode: url', () => url(exchange))]), 3_000_000)
  }
}

/** In processes of their own, from before the import; medians. */
function starting(): void {
  const script = `const start = performance.now()
const { parseExpression } = await import('ringback/expression')
const imported = performance.now() - start
parseExpression('${typical}')
console.log(JSON.stringify([imported, performance.now() - start]))`
  const runs = Array.from(
    { length: 21 },
    () =>
      JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })) as [number, number],
  )
  const median = (values: readonly number[]): string => `${[...values].sort((a, b) => a - b)[values.length >> 1]?.toFixed(1)} ms`
  console.log(`\nstart (medians of ${runs.length} processes)`)
  console.log(`  ${median(runs.map(([imported]) => imported)).padStart(12)}  import ringback/expression (target 60 ms)`)
  console.log(`  ${median(runs.map(([, parsed]) => parsed)).padStart(12)}  and the first parse (target 100 ms)`)
}

/** Linear is 8: the ratio of eight times the text. */
function hostile(): void {
  console.log('\nhostile texts of 100,000 characters (and how many times as long as 12,500 they take; linear: 8)')
  const best = (run: () => unknown): number => {
    let fastest = Number.POSITIVE_INFINITY
    for (let i = 0; i < 3; i++) {
      const start = performance.now()
      run()
      fastest = Math.min(fastest, performance.now() - start)
    }
    return fastest
  }
  for (const [name, make, { dialect, template: reading }] of hostileShapes) {
    const options = { dialect, maxLength: Number.POSITIVE_INFINITY }
    const read = (text: string): unknown =>
      reading === undefined ? safeParseExpression(text, options) : safeParseTemplate(text, { ...options, ...reading })
    const [short, long] = [make(12_500), make(100_000)]
    const one = best(() => read(short))
    const eight = best(() => read(long))
    console.log(`  ${eight.toFixed(1).padStart(9)} ms  (${(eight / one).toFixed(1)})  ${name}`)
  }
}
