import type { PartialExchange } from '../http/index.ts'
import type { Call, CallbackEndpoint, CreateOptions, OpenApiOptions, Receiver } from '../receiver/index.ts'
import { CallbackTimeoutError } from '../receiver/index.ts'
import { type Duration, milliseconds } from '../util/index.ts'
import { ExpectationError } from './expectation-error.ts'
import { explainMiss, problemsOf } from './explain-miss.ts'

export interface ExpectedCallback extends Omit<OpenApiOptions, 'onInvalid'> {
  /**
   * Sets it off: gets the URL to hand out, typically in a request to the service under test. When it answers an exchange
   * (`{ request, response }`), the URL that is called is compared with what the key is worth in it.
   */
  readonly trigger: (url: string, endpoint: CallbackEndpoint) => unknown
  /** How long to wait for it. Default: `5s`. */
  readonly timeout?: Duration
  /** Whether it is the one that is waited for: others pass by. Default: any. */
  readonly where?: (call: Call) => boolean
  /** Of the endpoint: how it answers, who may call. */
  readonly endpoint?: Pick<CreateOptions, 'auth' | 'respond' | 'method' | 'dedupe'>
}

const defaultTimeout = '5s'

/**
 * Waits for the callback of an operation, and answers the call. Rejects with an `ExpectationError` when it does not come in time, or breaks
 * the description: what was expected, what came, and why it was refused.
 */
export async function expectCallback(receiver: Receiver, options: ExpectedCallback): Promise<Call> {
  const { trigger, timeout = defaultTimeout, where = () => true, endpoint: made = {}, ...target } = options
  await using endpoint = await receiver.createFromOpenAPI({ ...made, ...target, onInvalid: 'report' })
  const what = `${target.callback === undefined ? 'a callback' : `the callback ${target.callback}`} of ${target.operation}`
  let triggered: unknown
  try {
    triggered = await trigger(endpoint.url, endpoint)
  } catch (error) {
    throw new ExpectationError(await explainMiss(endpoint, what, [`What should have set it off failed: ${String(error)}`]), {
      cause: error,
    })
  }
  if (isExchange(triggered)) await endpoint.bind(triggered)
  const until = performance.now() + milliseconds(timeout, 'timeout', { infinity: true })
  try {
    for (;;) {
      const call = await endpoint.next({ timeout: Math.max(0, until - performance.now()) })
      const problems = problemsOf(call)
      if (problems.length > 0) {
        throw new ExpectationError(await explainMiss(endpoint, `${what} that fits ${target.description.file.name}`))
      }
      if (where(call)) return call
    }
  } catch (error) {
    if (!(error instanceof CallbackTimeoutError)) throw error
    throw new ExpectationError(await explainMiss(endpoint, `${what} within ${timeout}`), { cause: error })
  }
}

function isExchange(value: unknown): value is PartialExchange {
  return typeof value === 'object' && value !== null && 'request' in value && !(value instanceof Response)
}
