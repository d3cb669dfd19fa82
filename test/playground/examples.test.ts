import { describe, expect, test } from 'vitest'
import { DocumentSession } from '../../playground/src/document-session.ts'
import { examples } from '../../playground/src/examples/index.ts'
import type { CallbackReport } from '../../playground/src/report.ts'
import { resolveExchange } from '../../playground/src/resolve.ts'

/** What each callback comes to: its URL, or why there is none. */
const OUTCOMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  subscription: {
    onData: 'https://client.example/hooks/data',
    onStatus: 'https://client.example/hooks/status/stream%2042?token=a%26b',
    onClosed: 'https://client.example/closed?s=42',
  },
  job: {
    onProgress: 'https://client.example:8443/blue%20whale/engine%20room%2F3?job=job-7',
    onDone: 'https://hooks.example/jobs/job-7/202',
  },
  'own-server': { orderShipped: 'https://one.example/cb', orderBilled: 'https://erp.example/billing/2024%2F117' },
  missing: { settled: 'absent', confirmed: 'needs-response', audited: 'dot-segment', booked: 'not-scalar' },
  broken: {
    dollarForgotten: 'bad-syntax',
    dotForHash: 'bad-syntax',
    slashForgotten: 'bad-syntax',
    noBraces: 'bad-syntax',
    braceLeftOpen: 'bad-syntax',
  },
  claims: { wrongPlace: 'absent', wrongCase: 'absent', wrongMessage: 'never-resolves', noBody: 'absent' },
}

test('names are told once each', () => {
  expect(examples.map(({ name }) => name).sort()).toEqual(Object.keys(OUTCOMES).sort())
  expect(new Set(examples.map(({ title }) => title)).size).toBe(examples.length)
})

describe.each(examples)('the example $name', ({ name, document, exchange, findings, isSound }) => {
  const session = new DocumentSession()
  const { problems, operations, stale } = session.read(document)
  const report = resolveExchange(session, exchange)

  test('lints as it says', () => {
    expect([...new Set(problems.map(({ rule }) => rule))].sort()).toEqual([...findings].sort())
    expect(problems.every(({ severity }) => severity === 'info')).toBe(isSound)
    expect(stale).toBe(false)
  })

  test('has an exchange without faults, which matches its operation', () => {
    expect(report.fieldProblems).toEqual({})
    expect(operations.map((operation) => operation.name)).toEqual([report.operation?.name])
  })

  test('comes to what it says', () => {
    expect(Object.fromEntries(report.callbacks.map((one) => [one.callback, outcomeOf(one)]))).toEqual(OUTCOMES[name])
  })

  test('places what it says in the document', () => {
    for (const { key, place, outcome } of report.callbacks) {
      expect(place && document.slice(place.from, place.to)).toBe(JSON.stringify(key))
      if (outcome.kind === 'resolved') continue
      for (const fault of outcome.faults) {
        expect(fault.span).toBeDefined()
        expect(fault.place && document.slice(fault.place.from, fault.place.to)).toBe(
          key?.slice(fault.span?.start, fault.span?.end),
        )
      }
    }
  })

  test('begins the URL that is offered for its operation as the exchange does', () => {
    const [operation] = operations
    expect(operation && new URL(operation.url).origin).toBe(new URL(exchange.url).origin)
    const again = operation && resolveExchange(session, { ...exchange, method: operation.method, url: operation.url })
    expect(again?.operation).toEqual(report.operation)
  })
})

function outcomeOf({ outcome }: CallbackReport): string {
  return outcome.kind === 'resolved' ? outcome.url : outcome.reason
}

test('why there is no URL comes with whether that is ordinary, what was meant, whether there is a fix, and what the exchange has', () => {
  const meant = (name: string): unknown => {
    const example = examples.find((one) => one.name === name)
    if (example === undefined) return undefined
    const session = new DocumentSession()
    session.read(example.document)
    return Object.fromEntries(
      resolveExchange(session, example.exchange).callbacks.map(({ callback, outcome }) => [
        callback,
        outcome.kind === 'resolved'
          ? []
          : [outcome.ordinary, outcome.didYouMean, outcome.fix !== undefined, outcome.faults[0]?.hint],
      ]),
    )
  }
  const none = [false, undefined, false, undefined]
  expect(meant('claims')).toEqual({
    wrongPlace: [false, '{$request.body#/delivery/callbackUrl}', false, 'There is "delivery".'],
    wrongCase: [false, '{$request.query.notifyUrl}', true, 'The query has "notifyUrl": did you mean that?'],
    wrongMessage: [false, '{$request.query.notifyUrl}', false, undefined],
    noBody: none,
  })
  expect(meant('missing')).toEqual({
    settled: [true, undefined, false, 'There is "callbackURL": did you mean that?'],
    confirmed: [true, undefined, false, undefined],
    audited: none,
    booked: none,
  })
})

test('a document that cannot be read right now keeps its callbacks, without places', () => {
  const [example] = examples
  const session = new DocumentSession()
  session.read(example.document)
  const before = resolveExchange(session, example.exchange)
  const report = session.read(`${example.document}\n  "half a line`)
  expect(report).toMatchObject({ stale: true, problems: [{ rule: 'unreadable' }] })
  const after = resolveExchange(session, example.exchange)
  expect(after.callbacks).toEqual(before.callbacks.map((one) => ({ ...one, place: undefined })))
})

const BASES: [servers: string, url: string, basePath: string | undefined][] = [
  ['', 'https://api.example/nothing', undefined],
  ['servers: [{ url: https://api.example/v1 }]', 'https://api.example/orders?a=1', '/v1'],
  ['servers: [{ url: https://api.example/v1 }]', 'https://api.example/v2/orders', undefined],
  ['servers: [{ url: "/{tenant}/api", variables: { tenant: { default: acme } } }]', 'https://api.example/orders', '/acme/api'],
  ['servers: [{ url: https://api.example/v1 }]', '', undefined],
  ['servers: [{ url: https://api.example/v1 }]', 'no url', undefined],
]
test.each(BASES)('with %s the URL %j lacks the base path %j', (servers, url, basePath) => {
  const session = new DocumentSession()
  session.read(
    `openapi: 3.1.0\n${servers}\npaths: { /orders: { post: { callbacks: { c: { '{$request.body}': { post: {} } } } } } }`,
  )
  const report = resolveExchange(session, { ...examples[0].exchange, method: 'POST', url })
  expect(report).toMatchObject({ operation: undefined, callbacks: [] })
  expect(report.basePath).toBe(basePath)
})

const NOTHING = ['', 'a: [', '{}', 'swagger: "2.0"', '\u0000', '- 1', 'openapi: 3.1.0', 'openapi: 3.1.0\npaths: 1', '&a [*a]']
test.each(NOTHING)('the document %j has no callbacks, and is no reason to fail', (text) => {
  const session = new DocumentSession()
  expect(session.read(text).operations).toEqual([])
  expect(resolveExchange(session, examples[0].exchange)).toMatchObject({ operation: undefined, callbacks: [] })
})
