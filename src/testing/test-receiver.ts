import { createReceiver, type Receiver, type ReceiverOptions, receiverOptionNames } from '../receiver/index.ts'
import { checkNames, type OptionRules } from '../util/index.ts'

export interface TestReceiverOptions extends Partial<Omit<ReceiverOptions, 'baseUrl'>> {
  /** Default: one that is free. */
  readonly port?: number
}

/** A receiver that listens on loopback. Leaving an `await using` closes it. */
export interface TestReceiver extends Receiver {
  /** `http://127.0.0.1:40123` */
  readonly url: string
}

const { baseUrl: _ours, ...handedOn } = receiverOptionNames
const optionNames: OptionRules<TestReceiverOptions> = { port: true, ...handedOn }

/** A receiver that is ready to be called, with its endpoints in memory. Waits end after 5 seconds, unless `defaultTimeout` says otherwise. */
export async function createTestReceiver(given: TestReceiverOptions = {}): Promise<TestReceiver> {
  checkNames(given, optionNames, 'the options of createTestReceiver()')
  const { port = 0, ...options } = given
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new TypeError(`Expected port to be a whole number from 0 to 65535 but found ${String(port)}`)
  const receiver = createReceiver({ defaultTimeout: '5s', ...options, baseUrl: `http://127.0.0.1:${port}` })
  const { url } = await receiver.listen({ port })
  return { ...receiver, url }
}
