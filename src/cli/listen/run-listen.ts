import pc from 'picocolors'
import { readDescription } from '../../loading/index.ts'
import {
  type Call,
  type CallbackEndpoint,
  type CreateOptions,
  createReceiver,
  type Method,
  type Receiver,
  type RejectCode,
} from '../../receiver/index.ts'
import { deferred, systemClock } from '../../util/index.ts'
import type { CommandContext } from '../command.ts'
import { exitContractBroken, exitFailure, exitTimedOut, exitUsage } from '../exit-codes.ts'
import type { ListenFlags } from './flags.ts'
import { createForwarder } from './forward.ts'
import { jsonOutput, type ListenOutput, prettyOutput, writeHar } from './output.ts'

/** Refusals that tell of a sender that does not keep to what was promised. */
const breaks: readonly RejectCode[] = ['schema', 'malformed', 'media-type', 'method', 'sub-path']

/** Room for what comes faster than it is printed. */
const slots = 10_000
const rejectionsKept = 1000

/** Makes an endpoint, tells its URL, and each call as it comes, until there are enough, the time is over, or a signal comes. */
export async function runListen(flags: ListenFlags, context: CommandContext): Promise<void> {
  const { count, timeout, har } = flags
  const isChecked = flags.openapi !== undefined || flags.schema !== undefined
  const output: ListenOutput = flags.json === true ? jsonOutput : prettyOutput(pc, isChecked)
  const forwarder = flags.forward === undefined ? undefined : createForwarder(flags.forward)
  const over = deferred<'enough' | 'timeout' | 'signal'>()
  let received = 0
  let broken = 0
  let heardRejections = 0
  let toldRejections = 0
  let told = Promise.resolve()

  await using receiver = createReceiver({
    baseUrl: flags.publicUrl ?? `http://${flags.host.includes(':') ? `[${flags.host}]` : flags.host}:0`,
    allowInsecureBaseUrl: true,
    limits: { rejectionsKept },
    onEvent: ({ type }) => {
      if (type !== 'accepted' && type !== 'rejected') return
      told = told.then(() => tell(type)).catch(over.reject)
    },
  })
  const endpoint = await createOrReport()
  if (endpoint === undefined) return context.exitWith(exitUsage)
  const answers = flags.respond ?? []
  for (const { status, times } of answers) {
    if (times !== undefined) endpoint.respondNext((call) => injected(call, status), { times })
  }
  const server = await receiver.listen({ host: flags.host, port: flags.port }).catch((error: unknown) => {
    context.stderr(`error: cannot listen on ${flags.host}:${flags.port}: ${(error as Error).message}\n`)
    return undefined
  })
  if (server === undefined) return context.exitWith(exitFailure)
  const timer = timeout === undefined ? undefined : systemClock.setTimeout(() => over.resolve('timeout'), timeout)
  const onSignal = (): void => over.resolve('signal')
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal)
  try {
    context.stdout(output.listening(endpoint.url))
    const why = await over.promise
    // Senders that are being answered get their answer, and the archive has it.
    await server.close()
    await told
    if (har !== undefined) writeHar(har, await endpoint.calls())
    context.exitWith(exitCode(why))
  } finally {
    timer?.cancel()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal)
    await forwarder?.close()
  }

  async function createOrReport(): Promise<CallbackEndpoint | undefined> {
    try {
      return await create(receiver, flags, createOptions())
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      context.stderr(`error: ${error.message}\n`)
      return undefined
    }
  }

  function createOptions(): CreateOptions {
    const last = flags.respond?.at(-1)
    return {
      slots,
      expiresIn: Number.POSITIVE_INFINITY,
      ...(flags.method === undefined ? {} : { method: flags.method as Method[] }),
      ...(flags.schema === undefined ? {} : { schema: flags.schema as object }),
      ...(last === undefined || last.times !== undefined ? {} : { respond: { status: last.status } }),
      // The target sees every attempt of the sender.
      ...(forwarder === undefined ? {} : { respond: (call: Call) => forwarder.send(call), dedupe: false as const }),
    }
  }

  /** An error is answered and not stored: the sender is expected to come again. */
  function injected(call: Call, status: number): { readonly status: number } {
    if (status >= 400) context.stdout(output.call(call, status))
    return { status }
  }

  async function tell(type: 'accepted' | 'rejected'): Promise<void> {
    if (endpoint === undefined || (count !== undefined && received + broken >= count)) return
    if (type === 'accepted') {
      context.stdout(output.call(await endpoint.next()))
      received++
    } else {
      // Those that came together are told together.
      if (++heardRejections <= toldRejections) return
      const [kept, { rejected }] = await Promise.all([endpoint.rejections(), endpoint.status()])
      for (const rejection of kept.slice(Math.max(0, kept.length - (rejected - toldRejections)))) {
        context.stdout(output.rejection(rejection))
        if (breaks.includes(rejection.code)) broken++
      }
      toldRejections = rejected
    }
    if (count !== undefined && received + broken >= count) over.resolve('enough')
  }

  function exitCode(why: 'enough' | 'timeout' | 'signal'): number {
    if (broken > 0) return exitContractBroken
    const isEnough = count === undefined ? received > 0 || why === 'signal' : received >= count
    return isEnough ? 0 : exitTimedOut
  }
}

async function create(receiver: Receiver, flags: ListenFlags, options: CreateOptions): Promise<CallbackEndpoint> {
  const { openapi, operation, callback } = flags
  if (openapi === undefined) {
    if (operation !== undefined || callback !== undefined) throw new TypeError('--operation and --callback need --openapi')
    return receiver.create(options)
  }
  if (operation === undefined)
    throw new TypeError('--openapi needs --operation, an operationId, a method and path, or the name of a webhook')
  return receiver.createFromOpenAPI({
    ...options,
    description: await readDescription(openapi),
    operation,
    ...(callback === undefined ? {} : { callback }),
  })
}
