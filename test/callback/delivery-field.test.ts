import { buildCallbackRequest, type CallbackRequest, readDescription, resolveCallbacks, resolveWebhook } from 'ringback'
import { describe, expect, test } from 'vitest'

const fast = { schedule: [0, '5s', '5m'] }
const slow = { schedule: ['1m', '1h'] }
const key = '{$request.body#/url}'
const responses = { 200: { description: 'Thanks.' } }
const exchange = { id: 'e1', request: { method: 'POST', url: 'https://a.example/things', body: { url: 'https://c.example/cb' } } }

/** A document with one operation that has these callbacks. */
function documentWith(callbacks: object, more: object = {}): object {
  const post = {
    operationId: 'create',
    'x-ringback-delivery': { schedule: ['9s'] },
    requestBody: { content: { 'application/json': {} } },
    responses,
    callbacks,
  }
  return { openapi: '3.1.0', info: { title: 'A', version: '1' }, paths: { '/things': { post } }, ...more }
}

async function planned(document: object): Promise<readonly CallbackRequest[]> {
  const description = await readDescription(document)
  return resolveCallbacks(description, 'create', exchange).map(({ target }) => {
    if (!target.ok) throw new Error(target.error.message)
    // As it comes back from where it was stored.
    return buildCallbackRequest(JSON.parse(JSON.stringify(target.value)), { description })
  })
}

const schedules = async (document: object): Promise<readonly unknown[]> =>
  (await planned(document)).map(({ metadata }) => metadata?.schedule)

const on = (field: unknown): object => ({ 'x-ringback-delivery': field, responses })

describe('the schedule of a planned request', () => {
  const PLACES: [name: string, document: object, schedules: readonly unknown[]][] = [
    ['of nobody', documentWith({ done: { [key]: { post: { responses } } } }), [undefined]],
    ['of the operation', documentWith({ done: { [key]: { post: on(fast), put: { responses } } } }), [fast.schedule, undefined]],
    [
      'of the Callback Object, for all of its keys',
      documentWith({
        done: { 'x-ringback-delivery': slow, [key]: { post: { responses } }, [`${key}?b`]: { put: { responses } } },
      }),
      [slow.schedule, slow.schedule],
    ],
    [
      'of the operation before that of the Callback Object',
      documentWith({ done: { 'x-ringback-delivery': slow, [key]: { post: on(fast), put: on({ 'x-other': 1 }) } } }),
      [fast.schedule, slow.schedule],
    ],
    [
      'of a Callback Object by reference, not beside it',
      documentWith(
        { done: { $ref: '#/components/callbacks/done', 'x-ringback-delivery': fast } },
        { components: { callbacks: { done: { 'x-ringback-delivery': slow, [key]: { post: { responses } } } } } },
      ),
      [slow.schedule],
    ],
    [
      'of an operation in a path item by reference, under a Callback Object with one',
      documentWith(
        { done: { 'x-ringback-delivery': slow, [key]: { $ref: '#/components/pathItems/done' } } },
        { components: { pathItems: { done: { post: on(fast), put: { responses } } } } },
      ),
      [fast.schedule, slow.schedule],
    ],
    [
      'of a path item: none',
      documentWith({ done: { [key]: { 'x-ringback-delivery': fast, post: { responses } } } }),
      [undefined],
    ],
  ]
  test.each(PLACES)('%s', async (_name, document, expected) => expect(await schedules(document)).toEqual(expected))

  const BAD = [
    true,
    null,
    [],
    {},
    { schedule: [] },
    { schedule: '5s' },
    { schedule: ['5 s'] },
    { schedule: [-1] },
    { schedule: ['366d'] },
  ]
  test.each([...BAD, { schedule: Array.from({ length: 101 }, () => 1) }])(
    'a bad one (%j) is not kept, and loses nothing',
    async (bad) => expect(await schedules(documentWith({ done: { [key]: { post: on(bad) } } }))).toEqual([undefined]),
  )

  test('a bad one of the operation is not replaced by that of the Callback Object', async () =>
    expect(
      await schedules(documentWith({ done: { 'x-ringback-delivery': slow, [key]: { post: on({ schedule: 5 }) } } })),
    ).toEqual([undefined]))

  test('of a callback of a callback', async () => {
    const inner = { answered: { 'x-ringback-delivery': slow, [key]: { post: { responses } } } }
    const description = await readDescription(
      documentWith({ done: { [key]: { post: { ...on(fast), operationId: 'inner', callbacks: inner } } } }),
    )
    const [found] = resolveCallbacks(description, 'inner', exchange)
    if (found?.target.ok !== true) throw new Error('Expected a target.')
    expect(buildCallbackRequest(found.target.value).metadata?.schedule).toEqual(slow.schedule)
  })

  test('of a webhook', async () => {
    const description = await readDescription(
      documentWith({}, { webhooks: { happened: { 'x-ringback-delivery': slow, post: on(fast), put: { responses } } } }),
    )
    const targets = resolveWebhook(description, 'happened', 'https://c.example/cb')
    const requests = targets.map(({ target }) => buildCallbackRequest(target.ok ? target.value : ({} as never)))
    expect(requests.map(({ metadata }) => metadata?.schedule)).toEqual([fast.schedule, undefined])
  })

  test('what is done to the request does not change the description', async () => {
    const [request] = await planned(documentWith({ done: { [key]: { post: on({ schedule: [0] }) } } }))
    expect(Object.isFrozen(request?.metadata?.schedule)).toBe(true)
  })
})
