import { buildCallbackRequest, matchCallbackUrl, needsOf, parseTemplate, readDescription, resolveCallbacks } from 'ringback'
import { interpolate } from 'ringback/expression'
import { findOperation } from 'ringback/openapi'
import { type Candidate, type Measured, machine, measure, rate } from './measure.ts'

// node scripts/run.mjs bench/callback.ts
// Rates are those of the best of seven rounds, in which the candidates take turns.

console.log(machine())

const schema = {
  type: 'object',
  required: ['state', 'at'],
  properties: { state: { enum: ['accepted', 'refused'] }, at: { type: 'string', format: 'date-time' }, note: { type: 'string' } },
}
const callbackOf = (key: string): object => ({
  event: {
    [key]: {
      post: {
        parameters: [{ name: 'X-Correlation-Id', in: 'header', schema: { type: 'string' } }],
        requestBody: { required: true, content: { 'application/json': { schema } } },
        responses: { 204: { description: 'ok' } },
      },
    },
  },
})
const keys: Readonly<Record<string, string>> = {
  header: '{$request.header.X-Callback-Url}',
  query: '{$request.query.callbackUrl}/data',
  body: '{$request.body#/callbackUrl}',
  both: '{$request.body#/callbackUrl}/orders/{$response.body#/id}?code={$statusCode}',
  absent: '{$request.body#/otherUrl}',
  broken: '{request.body#/callbackUrl}',
}
const operationOf = (name: string, callbacks: object): object => ({ post: { operationId: name, callbacks, responses: {} } })
const description = await readDescription({
  openapi: '3.1.0',
  info: { title: 'Bench', version: '1' },
  paths: {
    '/none': operationOf('none', {}),
    ...Object.fromEntries(Object.entries(keys).map(([name, key]) => [`/${name}`, operationOf(name, callbackOf(key))])),
  },
})
const operations = Object.fromEntries(
  ['none', ...Object.keys(keys)].map((name) => {
    const found = findOperation(description, name)
    if (!found.ok) throw new Error(found.error.message)
    return [name, found.value]
  }),
)
const url = 'https://hooks.example/cb'
const body = { callbackUrl: url, items: Array.from({ length: 20 }, (_, i) => ({ id: i, name: `item ${i}` })) }
const request = {
  method: 'POST',
  url: 'https://api.example/orders?callbackUrl=https%3A%2F%2Fhooks.example%2Fcb',
  headers: { 'content-type': 'application/json', 'x-callback-url': url },
  path: {},
  query: { callbackUrl: url },
}
const response = { status: 201, headers: {}, body: { id: 'a1b2' } }
const parsed = { ...request, body }
const json = JSON.stringify(body)

const resolving = (
  name: string,
  what: string,
  requestOf: () => typeof parsed | (typeof request & { body: string }),
): Candidate => ({
  name: what,
  run: (i) => resolveCallbacks(description, operations[name] ?? name, { id: `x${i}`, request: requestOf(), response }),
})
const parsedBody = (): typeof parsed => ({ ...request, body })
const textBody = (): typeof request & { body: string } => ({ ...request, body: json })

print(
  'resolve, per exchange',
  measure([
    resolving('none', 'an operation without callbacks', parsedBody),
    resolving('header', 'without body: the URL is a header field', parsedBody),
    resolving('query', 'without body: the URL is a query parameter, with a tail', parsedBody),
    resolving('body', 'with the parsed body', parsedBody),
    resolving('body', `with a body that is still text (${json.length} characters)`, textBody),
    resolving('both', 'with both bodies, three expressions', parsedBody),
    resolving('absent', 'an optional URL that is absent', parsedBody),
    resolving('broken', 'a broken key', parsedBody),
  ]),
)

const template = parseTemplate(keys.both ?? '')
const [target] = resolveCallbacks(description, 'both', { id: 'x', request: parsed, response }).map((one) => one.target)
if (!target?.ok) throw new Error('no target')
const stored = target.value
const event = { state: 'accepted', at: '2024-01-01T00:00:00Z' }

print(
  'the parts',
  measure([
    resolving('both', 'resolveCallbacks, three expressions', parsedBody),
    {
      name: 'interpolate alone, parsed template',
      run: () => interpolate(template, { request: parsed, response }, { encode: 'url' }),
    },
    { name: 'needsOf', run: () => needsOf(description, operations.both ?? 'both') },
    { name: 'buildCallbackRequest, checked', run: () => buildCallbackRequest(stored, { body: event }) },
    { name: 'buildCallbackRequest, unchecked', run: () => buildCallbackRequest(stored, { body: event, validate: false }) },
    { name: 'buildCallbackRequest, example made from the schema', run: () => buildCallbackRequest(stored, { example: true }) },
    { name: 'matchCallbackUrl', run: () => matchCallbackUrl(stored.key, stored.url) },
  ]),
)

const hostile: readonly (readonly [name: string, key: string, body: unknown])[] = [
  ['a URL of 1 MB', '{$request.body#/callbackUrl}', { callbackUrl: `https://a.example/${'x'.repeat(1_000_000)}` }],
  [
    'a value of 1 MB that must be encoded',
    'https://a.example/{$request.body#/callbackUrl}',
    { callbackUrl: 'ü/'.repeat(500_000) },
  ],
  ['an array of 100,000 URLs', '{$request.body#/callbackUrl}', { callbackUrl: Array.from({ length: 100_000 }, () => url) }],
]
console.log('\nhostile exchanges, once each')
for (const [name, key, hostileBody] of hostile) {
  const one = await readDescription({
    openapi: '3.1.0',
    info: { title: name, version: '1' },
    paths: { '/x': operationOf('x', callbackOf(key)) },
  })
  const start = performance.now()
  const [callback] = resolveCallbacks(one, 'x', { id: 'x', request: { ...request, body: hostileBody } }, { fanOut: true })
  if (callback === undefined) throw new Error('no callback')
  const outcome = callback.target.ok ? 'a target' : callback.target.error.reason
  console.log(`  ${(performance.now() - start).toFixed(1).padStart(8)} ms  ${name}: ${outcome}`)
}

function print(title: string, measured: readonly Measured[]): void {
  console.log(`\n${title}`)
  for (const { name, perSecond } of measured) console.log(`  ${rate(perSecond).padStart(12)}  ${name}`)
}
