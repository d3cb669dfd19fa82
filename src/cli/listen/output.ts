import { closeSync, openSync, writeFileSync } from 'node:fs'
import type { Call, Rejection } from '../../receiver/index.ts'
import { jsonLine } from '../json-line.ts'
import { packageVersion } from '../package.ts'
import { type Colors, printable, shown } from '../render-explanation.ts'

/** How `ringback listen` tells what comes. Every text ends with a line feed. */
export interface ListenOutput {
  listening(url: string): string
  /** `answer`: the status of an answer that was asked for and is no success, so that the call does not count. */
  call(call: Call, answer?: number): string
  rejection(rejection: Rejection): string
}

/** For people: one line a call, and its body. `isChecked`: there is a schema or a description, so green means that it fits. */
export function prettyOutput(colors: Colors, isChecked: boolean): ListenOutput {
  return {
    listening: (url) => `${url}\n`,
    call(call, answer) {
      const fits = call.validation?.ok !== false
      const mark =
        answer !== undefined
          ? colors.dim(`answered ${answer}`)
          : fits
            ? colors.green(isChecked ? 'fits' : 'received')
            : colors.red('does not fit')
      const { url } = harOf(call).request
      const query = call.rawQuery === '' ? '' : url.slice(url.indexOf('?'))
      const where = call.operation === undefined ? '' : colors.cyan(printable(call.operation.operationId ?? call.operation.name))
      const head = [timeOf(call.receivedAt), call.method, printable(`${call.subPath}${query}`), mark, where, size(call)]
      const lines = [head.filter((part) => part !== '').join(' ')]
      for (const { in: place, pointer, message } of call.validation?.errors ?? []) {
        lines.push(`  ${colors.red(printable(`${place} ${pointer} ${message}`.replace('  ', ' ')))}`)
      }
      for (const { in: place, pointer, message } of call.validation?.warnings ?? []) {
        lines.push(`  ${colors.dim(printable(`${place} ${pointer} ${message}`.replace('  ', ' ')))}`)
      }
      if (call.bodyKind !== 'none' && call.bodyKind !== 'bytes') lines.push(`  ${shown(call.body)}`)
      return `${lines.join('\n')}\n`
    },
    rejection: ({ at, method, status, code, detail, contentType }) =>
      `${timeOf(at)} ${printable(method)} ${colors.red(`${status} ${code}`)} ${printable(detail)}${contentType === undefined ? '' : colors.dim(` ${printable(contentType)}`)}\n`,
  }
}

/** For programs: one JSON object a line, the URL in the first. */
export const jsonOutput: ListenOutput = {
  listening: (url) => jsonLine({ type: 'listening', url }),
  call(call, answer) {
    const { request } = harOf(call)
    const head = {
      type: answer === undefined ? 'call' : 'answered',
      ...(answer === undefined ? { seq: call.seq } : { status: answer }),
      id: call.id,
      receivedAt: call.receivedAt,
      method: call.method,
      subPath: call.subPath,
      query: request.queryString.map(({ name, value }) => [name, value]),
      headers: request.headers.map(({ name, value }) => [name, value]),
      bodyKind: call.bodyKind,
      operation: call.operation,
      validation: call.validation,
    }
    if (call.bodyKind === 'none') return jsonLine(head)
    if (call.bodyKind !== 'bytes' && call.bodyKind !== 'multipart') {
      try {
        return jsonLine({ ...head, body: call.body })
      } catch (error) {
        // Nested deeper than JSON.stringify goes: as bytes, then.
        if (!(error instanceof RangeError)) throw error
      }
    }
    return jsonLine({ ...head, bodyBase64: Buffer.from(call.rawBody).toString('base64') })
  },
  rejection: (rejection) => jsonLine({ type: 'rejected', ...rejection }),
}

/** Throws where a file cannot be written; changes nothing in one that can. */
export function tryFile(file: string): true {
  closeSync(openSync(file, 'a'))
  return true
}

/** HTTP Archive 1.2. */
export function writeHar(file: string, calls: readonly Call[]): void {
  const creator = { name: 'ringback', version: packageVersion() }
  writeFileSync(file, `${JSON.stringify({ log: { version: '1.2', creator, entries: calls.map(harOf) } }, null, 2)}\n`)
}

interface HarRequest {
  readonly url: string
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  readonly queryString: HarRequest['headers']
}

/** Token and credentials are taken out of what a call puts into an archive. */
function harOf(call: Call): { readonly request: HarRequest } {
  return call.toHar() as ReturnType<typeof harOf>
}

function timeOf(at: Date): string {
  return at.toISOString().slice(11, 23)
}

function size({ rawBody, headers }: Call): string {
  if (rawBody.length === 0) return ''
  return `${printable(headers.get('content-type') ?? 'no Content-Type')}, ${rawBody.length} bytes`
}
