import { Text } from '@codemirror/state'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Checker } from '../../playground/src/checker.ts'
import type { Answer, Question } from '../../playground/src/protocol.ts'
import type { ExchangeFields } from '../../playground/src/state.ts'

/** Stands for the worker of the page: it answers when it is told to. */
class SlowWorker extends EventTarget {
  readonly questions: Question[] = []
  isTerminated = false

  postMessage(question: Question): void {
    this.questions.push(question)
  }

  terminate(): void {
    this.isTerminated = true
  }

  answer(): void {
    const id = this.questions.at(-1)?.id ?? 0
    this.dispatchEvent(new MessageEvent('message', { data: { id, exchange: { fieldProblems: {}, callbacks: [] } } }))
  }
}

const workers: SlowWorker[] = []
const answers: [Answer, Text][] = []
const failures: string[] = []
let isBusy = false
let document = Text.empty
let exchange = {} as ExchangeFields
let checker: Checker

beforeEach(() => {
  vi.useFakeTimers()
  for (const list of [workers, answers, failures]) list.length = 0
  document = Text.of(['a'])
  exchange = {} as ExchangeFields
  checker = new Checker({
    start: () => {
      const worker = new SlowWorker()
      workers.push(worker)
      return worker as unknown as Worker
    },
    document: () => document,
    exchange: () => exchange,
    onAnswer: (answer, of) => answers.push([answer, of]),
    onBusy: (busy) => {
      isBusy = busy
    },
    onFailure: (message) => failures.push(message),
  })
})
afterEach(() => {
  vi.useRealTimers()
})

const quiet = (): void => {
  vi.advanceTimersByTime(200)
}

test('asks once for a burst of changes, when it is over', () => {
  for (let i = 0; i < 10; i++) {
    checker.changed()
    vi.advanceTimersByTime(50)
  }
  expect(workers).toEqual([])
  quiet()
  expect(workers[0]?.questions).toEqual([{ id: 1, text: 'a', exchange }])
  expect(isBusy).toBe(true)
  workers[0]?.answer()
  expect(answers.map(([, of]) => of)).toEqual([document])
  expect(isBusy).toBe(false)
})

test('asks for the last state only, once the worker is free', () => {
  checker.changed()
  quiet()
  for (const text of ['b', 'c', 'd']) {
    document = Text.of([text])
    checker.changed()
    quiet()
  }
  expect(workers[0]?.questions.length).toBe(1)
  const first = Text.of(['a'])
  workers[0]?.answer()
  expect(answers[0]?.[1].eq(first)).toBe(true)
  expect(isBusy).toBe(true)
  quiet()
  expect(workers[0]?.questions.map(({ text }) => text)).toEqual(['a', 'd'])
  workers[0]?.answer()
  expect(isBusy).toBe(false)
})

test('sends a text once, however often the exchange changes', () => {
  checker.changed()
  quiet()
  workers[0]?.answer()
  exchange = { ...exchange, method: 'PUT' }
  checker.changed()
  quiet()
  expect(workers[0]?.questions.at(-1)).toEqual({ id: 2, exchange })
})

test('stops what takes too long, and begins anew with the text', () => {
  checker.changed()
  quiet()
  vi.advanceTimersByTime(30_000)
  expect(failures).toEqual(['This took too long, and was stopped.'])
  expect([workers[0]?.isTerminated, isBusy]).toEqual([true, false])
  // What comes late is not heard.
  workers[0]?.answer()
  expect(answers).toEqual([])
  checker.changed()
  quiet()
  expect(workers[1]?.questions).toEqual([{ id: 2, text: 'a', exchange }])
})

test('survives a worker that breaks', () => {
  checker.changed()
  quiet()
  workers[0]?.dispatchEvent(Object.assign(new Event('error', { cancelable: true }), { message: 'out of memory' }))
  expect(failures).toEqual(['This could not be checked: out of memory'])
  checker.changed()
  quiet()
  workers[1]?.answer()
  expect(answers.length).toBe(1)
})
