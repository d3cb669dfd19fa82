import { type Random, randomUuid } from '../util/index.ts'
import { base64url } from './tokens.ts'

/** How an id and its secret stand in a URL, behind the prefix. */
export interface UrlShape {
  newId(random: Random): string
  tail(id: string, secret: string): string
  /** What a request names; takes what it reads out of `query`. An id that cannot be one is empty. */
  read(segment: string, query: URLSearchParams): { readonly id: string; readonly secret: string | undefined }
  /** A query as sent, without what `read` takes out of it. */
  withoutSecret(rawQuery: string): string
}

/** `<id>.<secret>` as one segment of the path: nothing that senders append to a URL gets in its way. */
export const inPath: UrlShape = {
  newId: (random) => base64url(random(16)),
  tail: (id, secret) => `${id}.${secret}`,
  read(segment) {
    const dot = segment.indexOf('.')
    const id = dot === -1 ? '' : segment.slice(0, dot)
    return { id: /^[A-Za-z0-9_-]{22}$/.test(id) ? id : '', secret: segment.slice(dot + 1) }
  },
  withoutSecret: (rawQuery) => rawQuery,
}

/** uTask's: `<uuid>?t=<uuid>`. */
export const inQuery: UrlShape = {
  newId: randomUuid,
  tail: (id, secret) => `${id}?t=${secret}`,
  read(segment, query) {
    const secret = query.get('t') ?? undefined
    query.delete('t')
    return {
      id: /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(segment) ? segment : '',
      secret: secret === '' ? undefined : secret,
    }
  },
  withoutSecret: (rawQuery) =>
    rawQuery
      .split('&')
      .filter((pair) => !new URLSearchParams(pair).has('t'))
      .join('&'),
}
