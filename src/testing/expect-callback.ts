import type { PartialExchange } from '../http/index.ts'
import type { Call, CallbackEndpoint, CreateOptions, OpenApiOptions, Receiver } from '../receiver/index.ts'
import { CallbackTimeoutError } from '../receiver/index.ts'
import { checkNames, type Duration, deferred, milliseconds, systemClock } from '../util/index.ts'
import { ExpectationError } from './expectation-error.ts'
import { explainMiss, problemsOf, wordsForCallback } from './explain-miss.ts'

export interface ExpectedCallback extends Omit<OpenApiOptions, 'onInvalid'> {
  /**
   * Sets it off: gets the URL to hand out, typically in a request to the service under test. When it answers an exchange
   * (`{ request, response }`), the URL that is called is compared with what the key is worth in it. When it answers with a response of 400 or
   * above, the wait is over; where a callback comes nevertheless, let it answer nothing.
   */
  readonly trigger: (url: string, endpoint: CallbackEndpoint) => unknown
  /** How long to wait for it, and for `trigger` to end. Default: `5s`. */
  readonly timeout?: Duration
  /** Whether it is the one that is waited for: others pass by. Default: any. */
  readonly where?: (call: Call) => boolean
  /** Of the endpoint: how it answers, who may call. */
  readonly endpoint?: Pick<CreateOptions, 'auth' | 'respond' | 'method' | 'dedupe'>
}

const defaultTimeout = '5s'

const optionNames: Readonly<Record<keyof ExpectedCallback, true>> = {
  description: true,
  operation: true,
  callback: true,
  trigger: true,
  timeout: true,
  where: true,
  endpoint: true,
  exchange: true,
  repair: true,
}
const endpointNames: Readonly<Record<keyof NonNullable<ExpectedCallback['endpoint']>, true>> = {
  auth: true,
  respond: true,
  method: true,
  dedupe: true,
}

/**
 * Waits for the callback of an operation, and answers the call. Rejects with an `ExpectationError` when it does not come in time, breaks the
 * description, or is not asked for at the URL that was handed out, and when `trigger` fails, is answered with an error or does not end in time:
 * what was expected, what came, and why it was refused.
 */
export async function expectCallback(receiver: Receiver, options: ExpectedCallback): Promise<Call> {
  checkNames(options, optionNames, 'the options of expectCallback()')
  const { trigger, timeout = defaultTimeout, where = () => true, endpoint: made = {}, ...target } = options
  checkNames(made, endpointNames, 'endpoint of expectCallback()')
  if (typeof trigger !== 'function')
    throw new TypeError(`Expected trigger to be a function, which gets the URL to hand out, but found ${typeof trigger}`)
  const timeoutMs = milliseconds(timeout, 'timeout', { infinity: true })
  await using endpoint = await receiver.createFromOpenAPI({ ...made, ...target, onInvalid: 'report' })
  const what = `${wordsForCallback(target.callback)} of ${target.operation}`
  const until = performance.now() + timeoutMs
  const over = deferred<'over'>()
  const timer = timeoutMs === Number.POSITIVE_INFINITY ? undefined : systemClock.setTimeout(() => over.resolve('over'), timeoutMs)
  let hasEnded = false
  const answer: string[] = []
  try {
    const [call] = await Promise.all([fittingCall(), setOff()])
    return call
  } finally {
    timer?.cancel()
  }

  async function fittingCall(): Promise<Call> {
    try {
      for (;;) {
        const call = await endpoint.next({ timeout: Math.max(0, until - performance.now()) })
        if (problemsOf(call).length > 0) throw await miss(`${what} that fits ${target.description.file.name}`)
        if (where(call)) return call
      }
    } catch (error) {
      throw error instanceof CallbackTimeoutError ? await late(error) : error
    }
  }

  async function setOff(): Promise<void> {
    const triggering = (async () => trigger(endpoint.url, endpoint))().finally(() => {
      hasEnded = true
    })
    const triggered = await Promise.race([triggering, over.promise]).catch(async (error: unknown) => {
      throw await miss(what, [`What should have set it off failed: ${String(error)}`], error)
    })
    if (!hasEnded) throw await late()
    const refused = refusalIn(triggered)
    if (refused !== undefined) {
      answer.push(`What should have set it off was answered ${refused.status}.`)
      // Nobody calls back for it.
      if (refused.isCertain && (await endpoint.calls()).length === 0) throw await miss(what, answer)
    }
    if (!isExchange(triggered)) return
    try {
      await endpoint.bind(triggered)
    } catch (error) {
      throw await miss(
        what,
        [`The exchange that set it off asks for it elsewhere: ${(error as Error).message}`, ...answer],
        error,
      )
    }
  }

  function late(cause?: CallbackTimeoutError): Promise<ExpectationError> {
    return miss(`${what} within ${timeout}`, hasEnded ? answer : ['What should have set it off has not ended yet.'], cause)
  }

  async function miss(expected: string, more: readonly string[] = [], cause?: unknown): Promise<ExpectationError> {
    return new ExpectationError(await explainMiss(endpoint, expected, more), cause === undefined ? undefined : { cause })
  }
}

/**
 * An answer that is an error: of an exchange, or of what an HTTP client gives, which has header fields. What only has a status may be
 * something else.
 */
function refusalIn(triggered: unknown): { readonly status: number; readonly isCertain: boolean } | undefined {
  if (typeof triggered !== 'object' || triggered === null) return undefined
  const { response } = triggered as { readonly response?: unknown }
  const found = statusOf(typeof response === 'object' && response !== null ? response : triggered)
  if (found.status === undefined || found.status < 400) return undefined
  return { status: found.status, isCertain: isExchange(triggered) || found.hasHeaders }
}

/** Playwright has a function for it, undici another name. */
function statusOf(answer: object): { readonly status: number | undefined; readonly hasHeaders: boolean } {
  const { status, statusCode } = answer as { readonly status?: unknown; readonly statusCode?: unknown }
  const value: unknown = typeof status === 'function' && status.length === 0 ? status.call(answer) : (status ?? statusCode)
  return { status: typeof value === 'number' ? value : undefined, hasHeaders: 'headers' in answer }
}

function isExchange(value: unknown): value is PartialExchange {
  return typeof value === 'object' && value !== null && 'request' in value && !(value instanceof Response)
}
