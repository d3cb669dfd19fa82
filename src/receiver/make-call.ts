import { answerOf } from './answer.ts'
import type { Call } from './call.ts'
import { decompress } from './content-coding.ts'
import type { Core } from './core.ts'
import { decodeContent } from './decode-content.ts'
import { CallbackEndpointError } from './errors.ts'
import { placeOf } from './places.ts'
import { decodeCall } from './records.ts'
import { redactField } from './redact.ts'
import { openedReply } from './reply.ts'
import type { CallRow } from './store.ts'

/** A stored call as its reader sees it. */
export async function makeCall(core: Core, row: CallRow, claimed?: { readonly body: unknown }): Promise<Call> {
  const { record, rawBody } = decodeCall(core.sealer.open(row.sealed, placeOf.call(row.endpointId, row.callId)))
  const headers = new Headers(record.headers as [string, string][])
  const query = new URLSearchParams(record.query)
  const decoded = await decode(core, rawBody, headers)
  const body = claimed === undefined ? await parsed(core, row.endpointId, decoded.value) : claimed.body
  const [segment = ''] = core.profile.urls.tail(row.endpointId, 'REDACTED').split('?')
  const url = `${core.base.pathname.replace(/\/$/, '')}${core.pathPrefix}/${segment}${record.subPath}`

  return {
    id: row.callId,
    seq: row.seq,
    receivedAt: new Date(row.receivedAt),
    method: record.method,
    subPath: record.subPath,
    query,
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
    toHar: () => harEntry(core, row, { method: record.method, url, headers, query, rawBody }),
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

interface HarParts {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly query: URLSearchParams
  readonly rawBody: Uint8Array
}

/** HTTP Archive 1.2, `entries[]`. */
function harEntry(core: Core, row: CallRow, { method, url, headers, query, rawBody }: HarParts): object {
  const answer = row.reply === null ? undefined : openedReply(core, row, row.reply)
  const fields = (all: Iterable<readonly [string, string]>): object[] => [...all].map(([name, value]) => ({ name, value }))
  const search = query.size === 0 ? '' : `?${query}`
  const text = Buffer.from(rawBody)
  const isText = text.equals(Buffer.from(text.toString('utf8'), 'utf8'))
  return {
    startedDateTime: new Date(row.receivedAt).toISOString(),
    time: 0,
    request: {
      method,
      url: `${core.base.origin}${url}${search}`,
      httpVersion: 'HTTP/1.1',
      headers: fields([...headers].map(([name, value]) => [name, redactField(name, value)] as const)),
      queryString: fields(query),
      cookies: [],
      headersSize: -1,
      bodySize: rawBody.length,
      ...(rawBody.length === 0
        ? {}
        : {
            postData: {
              mimeType: headers.get('content-type') ?? 'application/octet-stream',
              text: text.toString(isText ? 'utf8' : 'base64'),
              ...(isText ? {} : { encoding: 'base64' }),
            },
          }),
    },
    response: {
      status: answer?.status ?? 0,
      statusText: '',
      httpVersion: 'HTTP/1.1',
      headers: fields(answer?.headers ?? []),
      cookies: [],
      content: {
        size: answer?.body.length ?? 0,
        mimeType: answer?.headers.find(([name]) => name === 'content-type')?.[1] ?? 'x-unknown',
        ...(answer === undefined ? {} : { text: Buffer.from(answer.body).toString('utf8') }),
      },
      redirectURL: '',
      headersSize: -1,
      bodySize: answer?.body.length ?? 0,
    },
    cache: {},
    timings: { send: 0, wait: 0, receive: 0 },
  }
}
