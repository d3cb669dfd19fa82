/** What reading, listing and matching cost, beside others who read the same: `npm run bench -- openapi`. */
import SwaggerParser from '@apidevtools/swagger-parser'
import { load } from 'js-yaml'
import {
  callbacksOf,
  everyOperation,
  lookUpContent,
  matchOperation,
  type OpenApiDescription,
  parseDescription,
  rangeInKey,
  requestBodyOf,
} from 'ringback/openapi'

const yaml = documentOf(2_500)
const json = JSON.stringify(load(yaml))
const megabytes = (yaml.length / 1e6).toFixed(1)

await time(`read ${megabytes} MB of YAML with positions`, 5, () => parseDescription(yaml))
await time(`read ${(json.length / 1e6).toFixed(1)} MB of JSON with positions`, 5, () => parseDescription(json))
await time('  for comparison: js-yaml load, without positions', 5, () => load(yaml))
await time('  for comparison: JSON.parse', 5, () => JSON.parse(json))
await time('  for comparison: swagger-parser dereference of the parsed object', 1, () =>
  SwaggerParser.dereference(JSON.parse(json), { resolve: { external: false } }),
)

const description = parseDescription(yaml)
await time('list every operation and callback', 1, () => everyOperation(description))
await time('every callback key with its schema look-up and place', 1, () => walk(description))
await time('  again, with everything compiled', 5, () => walk(description))

for (const paths of [100, 10_000]) {
  const many = parseDescription(`openapi: 3.1.0\nservers: [{ url: https://api.example/v1 }]\npaths:\n${pathsOf(paths)}\n`)
  await time(`compile ${paths} paths`, 1, () => matchOperation(many, 'GET', '/v1/nothing'))
  const last = paths - 1
  perSecond(`match among ${paths}: concrete`, () => matchOperation(many, 'GET', `/v1/resource${last}/all?page=2`))
  perSecond(`match among ${paths}: two parameters`, () => matchOperation(many, 'GET', `/v1/resource${last}/a%20b/items/7`))
  perSecond(`match among ${paths}: two in a segment`, () =>
    matchOperation(many, 'GET', `https://api.example/v1/resource${last}/2024-05`),
  )
  perSecond(`match among ${paths}: no such path`, () => matchOperation(many, 'GET', '/v1/unknown/path'))
}
const hostile = parseDescription('openapi: 3.1.0\npaths: { "/{a}-{b}-{c}-{d}": { get: {} }, "/{a}/{b}/{c}": { get: {} } }')
await time('hostile URL: 100,000 hyphens', 100, () => matchOperation(hostile, 'GET', `/${'-'.repeat(100_000)}`))
await time('hostile URL: 50,000 segments', 100, () => matchOperation(hostile, 'GET', `/${'a/'.repeat(50_000)}`))

function documentOf(operations: number): string {
  const lines = ['openapi: 3.1.0', 'info: { title: Bench, version: "1" }', 'paths:']
  for (let i = 0; i < operations; i++) {
    lines.push(
      `  /resource${i}/{id}:`,
      '    post:',
      `      operationId: operation${i}`,
      `      description: "Creates a resource of kind ${i}, and tells the subscriber when it is done: see the callback below."`,
      '      requestBody:',
      '        required: true',
      '        content:',
      '          application/json:',
      `            schema: { $ref: '#/components/schemas/Subscription${i % 50}' }`,
      '      responses:',
      "        '201':",
      '          description: |',
      '            The resource was created. The Location header field',
      '            has its address.',
      '          headers:',
      '            Location: { schema: { type: string, format: uri-reference } }',
      '          content:',
      '            application/json:',
      '              schema:',
      '                type: object',
      '                required: [id, state]',
      '                properties:',
      '                  id: { type: string, example: "c0ffee" }',
      '                  state: { type: string, enum: [accepted, running, done, failed] }',
      '                  created: { type: string, format: date-time }',
      '      callbacks:',
      '        done:',
      "          '{$request.body#/notify/url}/done':",
      '            post:',
      '              requestBody: { content: { application/json: { schema: { type: object } } } }',
      "              responses: { '204': { description: Seen. } }",
    )
  }
  lines.push('components:', '  schemas:')
  for (let i = 0; i < 50; i++) {
    lines.push(
      `    Subscription${i}:`,
      '      allOf:',
      `        - $ref: '#/components/schemas/Base'`,
      '        - type: object',
      '          required: [notify]',
      '          properties:',
      '            notify: { type: object, required: [url], properties: { url: { type: string, format: uri } } }',
    )
  }
  lines.push('    Base: { type: object, properties: { name: { type: string } } }', '')
  return lines.join('\n')
}

function pathsOf(count: number): string {
  return Array.from({ length: count / 4 }, (_, i) => {
    const resource = `resource${4 * i + 3}`
    return [`/${resource}/all`, `/${resource}/{id}`, `/${resource}/{id}/items/{item}`, `/${resource}/{year}-{month}`]
      .map((path) => `  '${path}': { get: {} }`)
      .join('\n')
  }).join('\n')
}

function walk(description: OpenApiDescription): number {
  let found = 0
  for (const operation of everyOperation(description)) {
    for (const callback of callbacksOf(operation)) {
      for (const key of callback.keys) {
        rangeInKey(key.at, 14, 25)
        if (lookUpContent(description, requestBodyOf(operation)?.contents ?? [], ['notify', 'url'])?.verdict.kind === 'found')
          found++
      }
    }
  }
  return found
}

async function time(name: string, runs: number, work: () => unknown): Promise<void> {
  globalThis.gc?.()
  const start = performance.now()
  for (let i = 0; i < runs; i++) await work()
  const each = (performance.now() - start) / runs
  console.log(`${name.padEnd(78)} ${each.toFixed(each < 10 ? 3 : 0).padStart(9)} ms`)
}

function perSecond(name: string, work: () => unknown): void {
  for (let i = 0; i < 20_000; i++) work()
  const runs = 200_000
  const start = performance.now()
  for (let i = 0; i < runs; i++) work()
  const each = ((performance.now() - start) / runs) * 1000
  console.log(`${name.padEnd(78)} ${each.toFixed(3).padStart(9)} µs`)
}
