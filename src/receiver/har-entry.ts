import type { Core } from './core.ts'
import { redactField, redactQuery } from './redact.ts'
import { openedReply } from './reply.ts'
import type { CallRow } from './store.ts'

export interface HarParts {
  readonly method: string
  /** Without the query, and without the secret. */
  readonly url: string
  readonly headers: Headers
  readonly rawQuery: string
  readonly rawBody: Uint8Array
}

/** HTTP Archive 1.2, `entries[]`. What is a secret by its name, or holds a callback URL, is taken out; bodies stay as they are. */
export function harEntry(core: Core, row: CallRow, { method, url, headers, rawQuery, rawBody }: HarParts): object {
  const answer = row.reply === null ? undefined : openedReply(core, row, row.reply)
  const claim = core.settings.get(row.endpointId)?.claimCheck
  const query = redactQuery(rawQuery, claim === undefined ? [] : [claim.param ?? 'id'])
  return {
    startedDateTime: new Date(row.receivedAt).toISOString(),
    time: 0,
    request: {
      method,
      url: query === '' ? url : `${url}?${query}`,
      httpVersion: 'HTTP/1.1',
      headers: shownFields(headers),
      queryString: pairs(new URLSearchParams(query)),
      cookies: [],
      headersSize: -1,
      bodySize: rawBody.length,
      ...(rawBody.length === 0
        ? {}
        : { postData: { mimeType: headers.get('content-type') ?? 'application/octet-stream', ...textOf(rawBody) } }),
    },
    response: {
      status: answer?.status ?? 0,
      statusText: '',
      httpVersion: 'HTTP/1.1',
      headers: shownFields(answer?.headers ?? []),
      cookies: [],
      content: {
        size: answer?.body.length ?? 0,
        mimeType: answer?.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? 'x-unknown',
        ...(answer === undefined ? {} : textOf(answer.body)),
      },
      redirectURL: '',
      headersSize: -1,
      bodySize: answer?.body.length ?? 0,
    },
    cache: {},
    timings: { send: 0, wait: 0, receive: 0 },
  }
}

/** Text where the bytes are UTF-8, else base64, which the format has for content that is none. */
function textOf(bytes: Uint8Array): { readonly text: string; readonly encoding?: 'base64' } {
  const content = Buffer.from(bytes)
  const text = content.toString('utf8')
  return content.equals(Buffer.from(text, 'utf8')) ? { text } : { text: content.toString('base64'), encoding: 'base64' }
}

function shownFields(fields: Iterable<readonly [string, string]>): object[] {
  return pairs([...fields].map(([name, value]) => [name, redactField(name, value)] as const))
}

function pairs(all: Iterable<readonly [string, string]>): object[] {
  return [...all].map(([name, value]) => ({ name, value }))
}
