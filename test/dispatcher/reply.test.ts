import { buildCallbackRequest, parseDescription, replyChecker, resolveCallbacks } from 'ringback'
import {
  type CheckReply,
  createDispatcher,
  type Dispatcher,
  type DispatcherOptions,
  publicInternet,
  type ReplyProblem,
  retrySchedule,
} from 'ringback/dispatcher'
import { afterEach, expect, test } from 'vitest'
import { answered, callbackRequest, fakeTransport, manualClock, testReceiver, turns, when } from './support.ts'

const url = 'https://a.example/cb'
const problem: ReplyProblem = { reason: 'status-undeclared', message: 'Expected 200.' }
const running: Dispatcher[] = []
afterEach(async () => {
  for (const dispatcher of running.splice(0)) await dispatcher.stop({ drainMs: 0 })
})

function dispatcherWith(options: DispatcherOptions): { dispatcher: Dispatcher; told: (readonly ReplyProblem[])[] } {
  const dispatcher = createDispatcher({ clock: manualClock(), ...options })
  running.push(dispatcher)
  const told: (readonly ReplyProblem[])[] = []
  dispatcher.on('reply:undeclared', ({ problems }) => told.push(problems))
  return { dispatcher, told }
}

const CHECKS: [name: string, check: CheckReply, told: unknown][] = [
  ['nothing', () => [], []],
  ['a problem', () => [problem], [[problem]]],
  ['a problem, later', async () => [problem], [[problem]]],
  [
    'an error',
    () => {
      throw new Error('boom')
    },
    [[{ reason: 'unchecked', message: 'The reply was not checked: boom' }]],
  ],
  ['an error, later', () => Promise.reject(new Error('boom')), [[{ reason: 'unchecked' }]]],
  ['no answer at all', () => new Promise(() => {}), []],
]

test.each(CHECKS)(
  'a check that says %s: the delivery has arrived, and is not sent again',
  async (_name, checkReply, expected) => {
    const transport = fakeTransport(() => answered(202))
    const { dispatcher, told } = dispatcherWith({ transport, checkReply })
    await dispatcher.enqueue(callbackRequest('a', url))
    await dispatcher.runDue()
    await turns()
    expect((await dispatcher.get('a'))?.delivery.state).toBe('delivered')
    expect(transport.sent).toHaveLength(1)
    expect(told).toMatchObject(expected as object)
  },
)

test('only replies with 2xx are checked, once each, with the delivery as it is then', async () => {
  const seen: unknown[] = []
  const clock = manualClock()
  const { dispatcher } = dispatcherWith({
    clock,
    retry: retrySchedule([0, 1, 1]),
    transport: fakeTransport((_request, n) => answered(n === 1 ? 500 : n === 2 ? 302 : 200)),
    checkReply: ({ id, state, attempts }, { status }) => {
      seen.push([id, state, attempts, status])
      return []
    },
  })
  await dispatcher.enqueue(callbackRequest('a', url))
  for (let i = 0; i < 3; i++) {
    await dispatcher.runDue()
    clock.advance(10)
  }
  expect(seen).toEqual([['a', 'delivered', 3, 200]])
})

test('over HTTP, after a restart: the description is found by its id, and the whole body is held to it', async () => {
  const text = JSON.stringify({
    openapi: '3.1.0',
    info: { title: 't', version: '1' },
    paths: {
      '/orders': {
        post: {
          operationId: 'createOrder',
          responses: {},
          callbacks: {
            done: {
              '{$request.body#/url}': {
                post: {
                  responses: {
                    200: {
                      content: { 'application/json': { schema: { type: 'object', properties: { note: { maxLength: 4999 } } } } },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  })
  const long = JSON.stringify({ note: 'x'.repeat(5000) })
  const receiver = await testReceiver((response) => response.writeHead(200, { 'content-type': 'application/json' }).end(long))
  const [callback] = resolveCallbacks(parseDescription(text), 'createOrder', {
    id: 'x',
    request: { body: { url: `${receiver.url}/cb` } },
  })
  if (!callback?.target.ok) throw new Error('no target')
  const stored = JSON.parse(JSON.stringify(buildCallbackRequest(callback.target.value)))

  const policy = publicInternet({ devLoopback: true })
  const dispatcher = createDispatcher({ policy, checkReply: replyChecker(parseDescription(text)) })
  running.push(dispatcher)
  const told = when(dispatcher, 'reply:undeclared')
  await dispatcher.enqueue(stored)
  await dispatcher.runDue()
  const { delivery, attempt, problems } = await told
  expect([delivery.state, attempt.n, problems.map(({ reason }) => reason)]).toEqual(['delivered', 1, ['body-invalid']])
  await receiver.close()
})
