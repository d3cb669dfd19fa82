import { answerOf } from './answer.ts'
import type { Call } from './call.ts'
import { decompress } from './content-coding.ts'
import type { Core } from './core.ts'
import { decodeContent } from './decode-content.ts'
import { CallbackEndpointError } from './errors.ts'
import { harEntry } from './har-entry.ts'
import { placeOf } from './places.ts'
import { decodeCall } from './records.ts'
import { shownPath } from './shown-path.ts'
import type { CallRow } from './store.ts'

/** A stored call as its reader sees it. */
export async function makeCall(core: Core, row: CallRow, claimed?: { readonly body: unknown }): Promise<Call> {
  const { record, rawBody } = decodeCall(core.sealer.open(row.sealed, placeOf.call(row.endpointId, row.callId)))
  const headers = new Headers(record.headers as [string, string][])
  const query = new URLSearchParams(record.query)
  const decoded = await decode(core, rawBody, headers)
  const body = claimed === undefined ? await parsed(core, row.endpointId, decoded.value) : claimed.body
  const url = shownPath(core, row.endpointId, record.subPath)

  return {
    id: row.callId,
    seq: row.seq,
    receivedAt: new Date(row.receivedAt),
    method: record.method,
    subPath: record.subPath,
    query,
    rawQuery: record.query,
    headers,
    rawBody,
    body,
    bodyKind: decoded.kind,
    ...(decoded.error === undefined ? {} : { bodyError: decoded.error }),
    duplicates: row.duplicates,
    ...(record.remoteAddress === undefined ? {} : { remoteAddress: record.remoteAddress }),
    unread: row.waiterId === null,
    ...(record.operation === undefined ? {} : { operation: record.operation }),
    ...(record.validation === undefined ? {} : { validation: record.validation }),
    async respond(reply) {
      const answer = await answerOf(reply)
      if (core.manual.get(row.callId)?.answer(answer) === true) return
      throw new CallbackEndpointError(
        'ERR_CALLBACK_ANSWERED',
        row.endpointId,
        `Expected the sender of call ${row.callId} to wait for an answer but it has one, or none was promised: use respond: 'manual', and answer within limits.manualResponseTimeout`,
      )
    },
    toGcp: () => ({
      http_request: {
        body: body ?? null,
        headers: Object.fromEntries(headers),
        method: record.method,
        query: Object.fromEntries(query),
        url,
      },
      received_time: new Date(row.receivedAt).toISOString(),
      type: 'HTTP',
    }),
    toUtask: () => ({ id: row.endpointId, date: new Date(row.receivedAt).toISOString(), body: body ?? null }),
    toHar: () =>
      harEntry(core, row, { method: record.method, url: core.base.origin + url, headers, rawQuery: record.query, rawBody }),
  }
}

async function decode(core: Core, rawBody: Uint8Array, headers: Headers): ReturnType<typeof decodeContent> {
  if (rawBody.length === 0) return { kind: 'none', value: undefined }
  const plain = await decompress(rawBody, headers.get('content-encoding') ?? undefined, core.limits.decodedBodyBytes)
  if (plain.kind !== 'plain') return { kind: 'bytes', value: rawBody, error: 'a content coding that is not undone' }
  return decodeContent(plain.bytes, core.profile.readsAs ?? headers.get('content-type') ?? undefined)
}

/** What the schema makes of a body, where it is one that changes values. */
async function parsed(core: Core, endpointId: string, value: unknown): Promise<unknown> {
  const checked = await core.settings.get(endpointId)?.check?.(value)
  return checked?.ok === true ? checked.value : value
}
