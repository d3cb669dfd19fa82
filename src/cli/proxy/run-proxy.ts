import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import pc from 'picocolors'
import { createDispatcher, type Dispatcher, memoryStore, publicInternet } from '../../dispatcher/index.ts'
import { readDescription } from '../../loading/index.ts'
import { createScope, type Scope, type StartSummary } from '../../middleware/index.ts'
import type { OpenApiDescription } from '../../openapi/index.ts'
import { deferred, messageOf } from '../../util/index.ts'
import type { CommandContext } from '../command.ts'
import { exitFailure, exitFindings, exitUnreadable, exitUsage } from '../exit-codes.ts'
import { printable } from '../render-explanation.ts'
import { type OpenStore, openStore } from '../store/open-store.ts'
import { createProxy } from './create-proxy.ts'
import type { ProxyFlags } from './flags.ts'
import { exampleHandlers, importHandlers } from './handlers.ts'
import { jsonOutput, type ProxyOutput, prettyOutput, tellDeliveries } from './output.ts'

/** Stands in front of a server until a signal comes. */
export async function runProxy(file: string, flags: ProxyFlags, context: CommandContext): Promise<void> {
  const output = flags.json === true ? jsonOutput : prettyOutput(pc)
  const fail = (code: number, error: unknown): void => {
    context.stderr(`error: ${messageOf(error).split('\n').map(printable).join('\n')}\n`)
    context.exitWith(code)
  }
  let description: OpenApiDescription
  try {
    description = await readDescription(file)
  } catch (error) {
    return fail(exitUnreadable, error)
  }
  let opened: OpenStore | undefined
  try {
    const { store } = flags
    if (store !== undefined) opened = await openStore({ ...flags, store }, { migrate: true })
  } catch (error) {
    return fail(error instanceof TypeError ? exitUsage : exitUnreadable, error)
  }
  let dispatcher: Dispatcher | undefined
  try {
    dispatcher = createDispatcher({
      store: opened?.store ?? memoryStore(),
      policy: publicInternet({ allow: flags.allow ?? [], devLoopback: flags.devLoopback === true }),
    })
    await serve(await scopeFor(description, flags, dispatcher, output, context), dispatcher, flags, output, context)
  } catch (error) {
    fail(isDescriptionProblem(error) ? exitFindings : error instanceof TypeError ? exitUsage : exitFailure, error)
  } finally {
    await dispatcher?.stop()
    await opened?.close()
  }
}

interface ReadyScope {
  readonly scope: Scope
  readonly summary: StartSummary
}

async function scopeFor(
  description: OpenApiDescription,
  flags: ProxyFlags,
  dispatcher: Dispatcher,
  output: ProxyOutput,
  context: CommandContext,
): Promise<ReadyScope> {
  const scope = createScope(
    {
      description,
      dispatcher,
      handlers: flags.handlers === undefined ? exampleHandlers(description) : await importHandlers(flags.handlers),
      ...(flags.dryRun === true ? { fire: (request) => void context.stdout(output.planned(request)) } : {}),
      ...(flags.basePath === undefined ? {} : { basePath: flags.basePath }),
      ...(flags.origin === undefined ? {} : { origin: flags.origin }),
      ...(flags.hold === undefined ? {} : { holdMs: flags.hold }),
      strict: flags.strict === true,
      onStart() {},
      onError: (problem) => context.stdout(output.problem(problem)),
    },
    undefined,
    { caseSensitive: true, isUnknown: true },
  )
  return { scope, summary: await scope.callbacks.ready }
}

async function serve(
  { scope, summary }: ReadyScope,
  dispatcher: Dispatcher,
  flags: ProxyFlags,
  output: ProxyOutput,
  context: CommandContext,
): Promise<void> {
  const print = (text: string): void => void context.stdout(text)
  const { server, close } = createProxy(scope, flags.upstream, (error) => {
    print(output.problem({ kind: 'upstream', message: `${flags.upstream.origin} did not answer: ${messageOf(error)}` }))
  })
  server.listen(flags.port, flags.host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new Error(`Cannot listen on ${flags.host}:${flags.port}: ${messageOf(error)}`, { cause: error })
  }
  const { port } = server.address() as AddressInfo
  print(output.listening(`http://${flags.host.includes(':') ? `[${flags.host}]` : flags.host}:${port}`, flags.upstream))
  print(output.started(summary))
  tellDeliveries(dispatcher, output, print)
  dispatcher.start()

  const over = deferred<void>()
  const onSignal = (): void => over.resolve()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal)
  await over.promise
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal)
  await close(flags.drain)
  await scope.callbacks.drain({ drainMs: flags.drain })
}

function isDescriptionProblem(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_CALLBACKS_BROKEN'
}
