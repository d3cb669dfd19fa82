import { callbacksOf, withCallbacks } from 'ringback/fetch'
import type { CallbackContent, CallbackOptions, CallbackProblem } from 'ringback/node'
import { expect, test } from 'vitest'
import { eventually, manualClock } from '../support/manual-clock.ts'
import { deferred } from './wait.ts'

const operation = { requestBody: { content: { 'application/json': {} } }, responses: { 200: { description: 'Thanks.' } } }

/** Three callbacks: `first` with two methods, `second` with as many URLs as the client gives, `third` with one. */
const document = {
  openapi: '3.1.0',
  info: { title: 'A', version: '1' },
  paths: {
    '/things': {
      post: {
        operationId: 'create',
        requestBody: { content: { 'application/json': {} } },
        responses: { 200: { description: 'Yes.' } },
        callbacks: {
          first: { 'https://a.example/{$request.body#/id}': { post: operation, put: operation } },
          second: { '{$request.body#/urls/0}': { post: operation }, '{$request.body#/urls}': { post: operation } },
          third: { 'https://c.example/{$request.body#/id}': { post: operation } },
        },
      },
    },
  },
}

interface Answered {
  readonly fired: readonly string[]
  readonly told: readonly string[]
}

type Act = (send: (callback: string, content: CallbackContent) => void) => void

async function answered(
  urls: number,
  options: Partial<CallbackOptions>,
  during: Act = () => {},
  after: Act = () => {},
  most = 0,
): Promise<Answered> {
  const fired: string[] = []
  const told: CallbackProblem[] = []
  const pending: Promise<unknown>[] = []
  let later: (() => void) | undefined
  const handle = withCallbacks(
    async (request) => {
      const { send } = callbacksOf(request)
      const bound: typeof send = (...given) => callbacksOf(request).send(...given)
      during(bound)
      later = () => after(bound)
      return Response.json({})
    },
    {
      description: document,
      clock: manualClock(),
      fire: ({ method, url }) => void fired.push(`${method} ${url.replace('https://', '')}`),
      onError: (problem) => void told.push(problem),
      onStart() {},
      resolve: { fanOut: true },
      waitUntil: (work: Promise<unknown>) => void pending.push(work),
      ...options,
    } as CallbackOptions,
  )
  await handle.ready
  const body = JSON.stringify({ id: 7, urls: Array.from({ length: urls }, (_, i) => `https://b.example/${i}`) })
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
  await (await handle(new Request('http://h.example/things', init))).text()
  await Promise.all(pending)
  later?.()
  await eventually(() => fired.length + told.length >= most)
  return { fired, told: told.map(({ kind, message }) => `${kind}: ${message}`) }
}

const ours = { body: {} }
const all = { create: { third: () => ours, second: () => ours, first: () => ours } }
const b = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `POST b.example/${from + i}`)
const tooMany = (count: number, most = 20): string =>
  `too-many: An exchange calls at most ${most} targets ("maxTargets"). Left out: ${count}.`
const begin = ['POST a.example/7', 'PUT a.example/7', 'POST b.example/0']
const end = 'POST c.example/7'

test('up to 20 targets of one exchange are called, and nothing is told', async () => {
  const { fired, told } = await answered(16, { handlers: all })
  expect([fired.length, fired.toSorted(), told]).toEqual([20, [...begin, ...b(0, 16), end].toSorted(), []])
})

test('of more, the first 20 in the order of the document; how many are left is told', async () => {
  const { fired, told } = await answered(20, { handlers: all })
  expect(fired).toEqual([...begin, ...b(0, 17)])
  expect(told).toEqual([tooMany(4)])
})

test('the limit can be another, and is not below that of an array', async () => {
  const five = await answered(20, { handlers: all, maxTargets: 5 })
  expect([five.fired, five.told]).toEqual([[...begin, ...b(0, 2)], [tooMany(19, 5)]])
  const none = await answered(1, { handlers: all, maxTargets: 0 })
  expect([none.fired, none.told.length]).toEqual([[], 1])
  const endless = await answered(20, { handlers: all, maxTargets: Number.POSITIVE_INFINITY })
  expect([endless.fired.length, endless.told]).toEqual([24, []])
  const wide = await answered(40, {
    handlers: { create: { second: all.create.second } },
    resolve: { fanOut: true, maxFanOut: 50 },
  })
  expect([wide.fired.length, wide.told]).toEqual([41, []])
  for (const maxTargets of [-1, 1.5, Number.NaN, '5'])
    await expect(answered(1, { maxTargets: maxTargets as number })).rejects.toThrow(
      'Expected maxTargets in the options of the middleware to be a whole number from 0, or Infinity, but found',
    )
})

test('a target that its handler gives nothing to leaves its place to the next', async () => {
  for (const isLater of [false, true]) {
    const second = ({ target }: { readonly target: { readonly url: string } | undefined }): unknown => {
      const given = Number(target?.url.at(-1)) % 2 === 0 ? ours : undefined
      return isLater ? Promise.resolve(given) : given
    }
    const { fired, told } = await answered(20, { handlers: { create: { ...all.create, second } } as never, maxTargets: 12 })
    const called = isLater ? [...b(0, 16), end] : b(0, 18)
    const even = called.filter((one) => one === end || Number(one.at(-1)) % 2 === 0)
    expect([fired.toSorted(), told]).toEqual([[...begin, ...even].toSorted(), [tooMany(2, 12)]])
  }
})

test('a handler that hangs holds no place', async () => {
  const { promise } = deferred<undefined>()
  const first = (): Promise<undefined> => promise
  const waitUntil = (): void => {}
  const { fired } = await answered(
    5,
    {
      handlers: { create: { ...all.create, first } } as never,
      maxTargets: 4,
      waitUntil,
    } as never,
    undefined,
    undefined,
    5,
  )
  expect(fired).toEqual(['POST b.example/0', 'POST b.example/0', 'POST b.example/1', 'POST b.example/2'])
})

test('callbacks without a handler take no place', async () => {
  const { fired, told } = await answered(20, { handlers: { create: { third: all.create.third } } })
  expect([fired, told]).toEqual([[end], []])
})

test('"send" counts by its targets, however often it is called, before the response and after it', async () => {
  const often: Act = (send) => {
    for (let n = 0; n < 30; n++) send('third', ours)
  }
  const few = await answered(1, {}, often, often, 60)
  expect([few.fired.length, few.told]).toEqual([60, []])

  const twice: Act = (send) => {
    send('second', ours)
    send('second', ours)
  }
  const wide = await answered(
    20,
    { maxTargets: 3 },
    twice,
    (send) => {
      twice(send)
      send('third', ours)
    },
    14,
  )
  const called = ['POST b.example/0', 'POST b.example/0', 'POST b.example/1']
  expect(wide.fired.toSorted()).toEqual([...called, ...called, ...called, ...called].toSorted())
  expect(wide.told.toSorted()).toEqual([tooMany(18, 3), tooMany(19, 3)])
})

test('what leads nowhere takes no place, and is told as ever', async () => {
  const { fired, told } = await answered(0, { handlers: all, maxTargets: 2 })
  expect([fired, told]).toEqual([['POST a.example/7', 'PUT a.example/7'], [tooMany(1, 2)]])
})

const named = (key: string): object => ({ [key]: { post: operation } })
const withNames = {
  ...document,
  paths: {
    '/things': {
      post: {
        ...document.paths['/things'].post,
        callbacks: {
          many: named('https://m.example/{id}/{$request.body#/urls}'),
          one: named('https://o.example/{id}'),
        },
      },
    },
  },
}

test('a target that turns out to be several, once a value is given for its key, is called at each; that of another stays what it is', async () => {
  const handlers = {
    create: {
      many: () => ({ body: 'many', path: { id: '1' } }),
      one: () => ({ body: 'one', path: { id: '2' } }),
    },
  }
  const given: string[] = []
  const fire: CallbackOptions['fire'] = ({ url, body }) => void given.push(`${url} ${new TextDecoder().decode(body)}`)
  const options = { description: withNames, handlers, fire, resolve: { fanOut: true, tail: 'join' } } as never
  const each = (n: number): string[] =>
    Array.from({ length: n }, (_, i) => `https://m.example/1/https%3A%2F%2Fb.example%2F${i} "many"`)
  expect((await answered(3, options)).told).toEqual([])
  expect(given).toEqual([...each(3), 'https://o.example/2 "one"'])
  given.length = 0
  const { told } = await answered(3, { ...(options as object), maxTargets: 2 })
  expect([given, told]).toEqual([each(2), [tooMany(2, 2)]])
})
