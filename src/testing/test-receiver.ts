import { createReceiver, type Receiver, type ReceiverOptions } from '../receiver/index.ts'

export interface TestReceiverOptions extends Partial<Omit<ReceiverOptions, 'baseUrl'>> {
  /** Default: one that is free. */
  readonly port?: number
}

/** A receiver that listens on loopback. Leaving an `await using` closes it. */
export interface TestReceiver extends Receiver {
  /** `http://127.0.0.1:40123` */
  readonly url: string
  close(): Promise<void>
}

/** A receiver that is ready to be called, with its endpoints in memory. Waits end after 5 seconds, unless `defaultTimeout` says otherwise. */
export async function createTestReceiver({ port = 0, ...options }: TestReceiverOptions = {}): Promise<TestReceiver> {
  const receiver = createReceiver({ defaultTimeout: '5s', ...options, baseUrl: `http://127.0.0.1:${port}` })
  const { url } = await receiver.listen({ port })
  return { ...receiver, url, close: () => receiver[Symbol.asyncDispose]() }
}
