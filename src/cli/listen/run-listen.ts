import pc from 'picocolors'
import { isRingbackError } from '../../errors/index.ts'
import { readDescription } from '../../loading/index.ts'
import {
  type Call,
  type CallbackEndpoint,
  type CreateOptions,
  createReceiver,
  type Method,
  type Receiver,
  type RejectCode,
  redactUrl,
} from '../../receiver/index.ts'
import { deferred, systemClock } from '../../util/index.ts'
import type { CommandContext } from '../command.ts'
import { exitContractBroken, exitFailure, exitTimedOut, exitUsage } from '../exit-codes.ts'
import { printable } from '../render-explanation.ts'
import type { ListenFlags, PlannedAnswer } from './flags.ts'
import { createForwarder, mostBytes } from './forward.ts'
import { jsonOutput, type ListenOutput, prettyOutput, tryFile, writeHar } from './output.ts'

/** Refusals that tell of a sender that does not keep to a schema, and to a description, which has methods and paths as well. */
const breaksSchema: readonly RejectCode[] = ['schema', 'malformed', 'media-type']
const breaksDescription: readonly RejectCode[] = [...breaksSchema, 'method', 'sub-path']

/** Room for what comes faster than it is printed. */
const slots = 10_000
const rejectionsKept = 1000
/** The archive has every call. */
const allCalls = 1_000_000_000

/** Makes an endpoint, tells its URL, and each call as it comes, until there are enough, the time is over, or a signal comes. */
export async function runListen(flags: ListenFlags, context: CommandContext): Promise<void> {
  const { count, timeout, har } = flags
  const isChecked = flags.openapi !== undefined || flags.schema !== undefined
  const breaks = flags.openapi !== undefined ? breaksDescription : flags.schema !== undefined ? breaksSchema : []
  const output: ListenOutput = flags.json === true ? jsonOutput : prettyOutput(pc, isChecked)
  const over = deferred<'enough' | 'timeout' | 'signal'>()
  let received = 0
  let broken = 0
  let heardRejections = 0
  let toldRejections = 0
  let told = Promise.resolve()

  const opened = await orReport(context, () =>
    createReceiver({
      baseUrl: flags.publicUrl ?? `http://${flags.host.includes(':') ? `[${flags.host}]` : flags.host}:0`,
      allowInsecureBaseUrl: true,
      limits: {
        rejectionsKept,
        maxBodyBytes: mostBytes,
        decodedBodyBytes: mostBytes,
        ...(har === undefined ? {} : { maxReadCalls: allCalls }),
      },
      onEvent: ({ type }) => {
        if (type !== 'accepted' && type !== 'rejected') return
        told = told.then(() => tell(type)).catch(over.reject)
      },
    }),
  )
  if (opened === undefined) return context.exitWith(exitUsage)
  await using receiver = opened
  const forwarder =
    flags.forward === undefined
      ? undefined
      : createForwarder(flags.forward, (why) => context.stderr(`error: a call was not forwarded: ${printable(redactUrl(why))}\n`))
  const endpoint = await orReport(context, () => create(receiver, flags, createOptions()))
  if (endpoint === undefined) return context.exitWith(exitUsage)
  for (const { status, times = Number.MAX_SAFE_INTEGER } of flags.respond ?? []) {
    if (!isForGood({ status, times })) endpoint.respondNext((call) => injected(call, status), { times })
  }
  const server = await receiver.listen({ host: flags.host, port: flags.port }).catch((error: unknown) => {
    context.stderr(`error: cannot listen on ${flags.host}:${flags.port}: ${(error as Error).message}\n`)
    return undefined
  })
  if (server === undefined) return context.exitWith(exitFailure)
  // Tried before anything is received, not after all of it was; and last of all, so that nothing is left where there is no call to write down.
  if (har !== undefined && (await orReport(context, () => tryFile(har))) === undefined) return context.exitWith(exitUsage)
  const timer = timeout === undefined ? undefined : systemClock.setTimeout(() => over.resolve('timeout'), timeout)
  const onSignal = (): void => over.resolve('signal')
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal)
  try {
    context.stdout(output.listening(endpoint.url))
    const why = await over.promise
    // Senders that are being answered get their answer, and the archive has it.
    await server.close()
    await told
    context.exitWith(har === undefined || (await archived(har, endpoint)) ? exitCode(why) : exitFailure)
  } finally {
    timer?.cancel()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal)
    await forwarder?.close()
  }

  async function archived(file: string, { calls }: CallbackEndpoint): Promise<boolean> {
    const all = await calls()
    try {
      writeHar(file, all)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
      context.stderr(`error: the calls came, but cannot be written to ${file}: ${(error as Error).message}\n`)
      return false
    }
  }

  function createOptions(): CreateOptions {
    const last = flags.respond?.at(-1)
    return {
      slots,
      expiresIn: Number.POSITIVE_INFINITY,
      ...(flags.method === undefined ? {} : { method: flags.method as Method[] }),
      ...(flags.schema === undefined ? {} : { schema: flags.schema as object }),
      ...(last !== undefined && isForGood(last) ? { respond: { status: last.status } } : {}),
      // The target sees every attempt of the sender, in the coding that it has, and knows its own paths.
      ...(forwarder === undefined
        ? {}
        : { respond: (call: Call) => forwarder.send(call), dedupe: false as const, acceptEncoded: true, subPaths: true }),
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

/** The last answer of a plan, where it is one that makes a call. An error is never stored, however often it is given. */
function isForGood({ status, times = Number.MAX_SAFE_INTEGER }: PlannedAnswer): boolean {
  return times === Number.MAX_SAFE_INTEGER && status < 400
}

/** What is wrong with the arguments is told, and nothing else: a bug of ours goes on to whoever asks for a report. */
async function orReport<T>({ stderr }: CommandContext, work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    const isTold = error instanceof TypeError || isRingbackError(error) || (error as NodeJS.ErrnoException).syscall === 'open'
    if (!isTold) throw error
    stderr(`error: ${(error as Error).message}\n`)
    return undefined
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
