import pc from 'picocolors'
import { createDispatcher, type DeliveryStore, type DestinationInfo } from '../../dispatcher/index.ts'
import type { CommandContext } from '../command.ts'
import { timeOf } from '../deliveries/record.ts'
import { exitFailure } from '../exit-codes.ts'
import { jsonLine } from '../json-line.ts'
import { type Colors, printable } from '../render-explanation.ts'
import { shownUrl } from '../store/redact.ts'

interface JsonFlag {
  readonly json?: true
}

export async function listDestinations(
  store: DeliveryStore,
  { limit, after, json }: JsonFlag & { readonly limit: number; readonly after?: string },
  context: CommandContext,
): Promise<void> {
  const { destinations } = createDispatcher({ store })
  const found = await destinations.list({ limit: limit + 1, ...(after === undefined ? {} : { after }) })
  const page = found.slice(0, limit)
  for (const one of page) context.stdout(json === true ? jsonLine(recordOf(one)) : lineOf(one, pc))
  const last = page.at(-1)?.id
  if (found.length > limit && last !== undefined) context.stderr(`There are more: go on with --after ${printable(last)}\n`)
}

export async function showDestination(
  store: DeliveryStore,
  id: string,
  { json }: JsonFlag,
  context: CommandContext,
): Promise<void> {
  const found = await createDispatcher({ store }).destinations.get(id)
  if (found === undefined) return unknown(id, context)
  context.stdout(json === true ? jsonLine(recordOf(found)) : detailsOf(found, pc))
}

export async function disableDestination(store: DeliveryStore, id: string, context: CommandContext): Promise<void> {
  const { destinations } = createDispatcher({ store })
  const isKnown = (await destinations.get(id)) !== undefined
  await destinations.disable(id)
  const shown = (await destinations.get(id))?.id ?? id
  context.stdout(`${printable(shown)} is disabled: its deliveries are held, those to come too\n`)
  if (!isKnown) context.stderr('It was not known before: see that it is the right one.\n')
}

export async function enableDestination(store: DeliveryStore, id: string, context: CommandContext): Promise<void> {
  if (!(await createDispatcher({ store }).destinations.enable(id))) return unknown(id, context)
  context.stdout('enabled: deliveries to come go out; what is held waits for "destinations release"\n')
}

export async function releaseDestination(store: DeliveryStore, id: string, context: CommandContext): Promise<void> {
  const { destinations } = createDispatcher({ store })
  const found = await destinations.get(id)
  if (found?.enabled === false) {
    context.stderr('error: it is disabled: enable it first\n')
    return context.exitWith(exitFailure)
  }
  const released = await destinations.release(id)
  // Single deliveries can be held where nothing is known of their destination.
  if (released === 0 && found === undefined) return unknown(id, context)
  context.stdout(`${released === 1 ? '1 delivery' : `${released} deliveries`} released\n`)
}

export async function createDestination(
  store: DeliveryStore,
  url: string,
  { json }: JsonFlag,
  context: CommandContext,
): Promise<void> {
  const { destinations } = createDispatcher({ store })
  const found = await destinations.get(url)
  if (found !== undefined && (found.secretExpiries.length > 0 || found.unreadable !== undefined)) {
    context.stderr(`error: ${printable(found.id)} has a secret: "destinations rotate-secret" gives it a new one\n`)
    return context.exitWith(exitFailure)
  }
  const { destination, secret } = await destinations.create({ url })
  context.stdout(json === true ? jsonLine({ id: destination.id, secret }) : `${secret}\n`)
  context.stderr(`This is the secret of ${printable(destination.id)}. It is not shown again.\n${withoutSigner}`)
}

export async function rotateSecret(
  store: DeliveryStore,
  id: string,
  { overlap, json }: JsonFlag & { readonly overlap?: number },
  context: CommandContext,
): Promise<void> {
  const { destinations } = createDispatcher({ store })
  const found = await destinations.get(id)
  if (found === undefined) return unknown(id, context, ': "destinations create" makes one with a secret')
  if (found.unreadable !== undefined && overlap !== 0) {
    context.stderr(`error: ${printable(found.unreadable.message)} With --overlap 0s the old secrets are given up.\n`)
    return context.exitWith(exitFailure)
  }
  const rotated = await destinations.rotateSecret(id, overlap === undefined ? {} : { overlapMs: overlap })
  if (rotated === undefined) return unknown(id, context)
  context.stdout(json === true ? jsonLine({ id: found.id, secret: rotated.secret }) : `${rotated.secret}\n`)
  context.stderr(`This is the new secret. It is not shown again.\n${withoutSigner}`)
}

const withoutSigner = 'It signs only where the dispatcher has no "signer" of its own, which would sign instead.\n'

function unknown(id: string, context: CommandContext, advice = ''): void {
  context.stderr(`error: there is no destination ${shownId(id)}${advice}\n`)
  context.exitWith(exitFailure)
}

function shownId(id: string): string {
  const text = id.replace(/[?#].*$/s, '')
  return printable(URL.canParse(text) ? shownUrl(text) : text)
}

function recordOf({ createdAt, changedAt, secretExpiries, disabled, failing, ...info }: DestinationInfo): object {
  return {
    ...info,
    createdAt: timeOf(createdAt),
    changedAt: timeOf(changedAt),
    disabled: disabled === undefined ? undefined : { ...disabled, at: timeOf(disabled.at) },
    failing: failing === undefined ? undefined : { ...failing, since: timeOf(failing.since) },
    secrets: secretExpiries.map((at) => ({ expiresAt: at === undefined ? null : timeOf(at) })),
  }
}

function lineOf(info: DestinationInfo, colors: Colors): string {
  return `${printable(info.id)}  ${stateText(info, colors)}  ${secretsText(info)}\n`
}

function detailsOf(info: DestinationInfo, colors: Colors): string {
  const lines = [
    printable(info.id),
    stateText(info, colors),
    secretsText(info),
    `known since ${timeOf(info.createdAt)}, changed at ${timeOf(info.changedAt)}`,
    ...info.secretExpiries.flatMap((at) => (at === undefined ? [] : [`an old secret is used until ${timeOf(at)}`])),
    ...(info.unreadable === undefined ? [] : [colors.red(`${info.unreadable.code}: ${printable(info.unreadable.message)}`)]),
  ]
  return `${lines.join('\n')}\n`
}

function stateText({ disabled, failing }: DestinationInfo, colors: Colors): string {
  if (disabled !== undefined) return colors.red(`disabled since ${timeOf(disabled.at)} (${disabled.reason})`)
  if (failing !== undefined) return colors.red(`enabled, failing since ${timeOf(failing.since)}`)
  return colors.green('enabled')
}

function secretsText({ secretExpiries, unreadable }: DestinationInfo): string {
  if (unreadable !== undefined) return 'secrets that cannot be opened'
  return secretExpiries.length === 0 ? 'no secret' : secretExpiries.length === 1 ? '1 secret' : `${secretExpiries.length} secrets`
}
