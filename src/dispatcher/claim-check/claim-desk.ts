import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HeaderFields } from '../../http/index.ts'
import { type Clock, checkNames, type OptionRules, systemClock, utf8 } from '../../util/index.ts'
import { claimCheckDefaults } from './call-by-claim.ts'
import type { ClaimCheckPayload, ClaimCheckStore } from './claim-check-store.ts'
import { claimHash } from './claim-hash.ts'

export interface ClaimDeskOptions {
  /** The store of the dispatcher that makes the calls; another process may have it open. */
  readonly store: { readonly claimChecks?: ClaimCheckStore }
  /**
   * Whether who asks may have the payload: checks its credentials, and that the delivery is its own. It is asked about ids that nobody has
   * too, without a delivery; take as long then, or the time tells them apart.
   */
  readonly authorize: (request: ClaimRequest, deliveryId: string | undefined) => boolean | Promise<boolean>
  /** The query parameter that carries the id. Default: `id`. */
  readonly param?: string
  readonly clock?: Clock
}

export interface ClaimRequest {
  readonly method: string
  /** As it came: for `node:http` path and query. */
  readonly url: string
  readonly headers: HeaderFields
}

/**
 * Where receivers fetch what they were told of (`deliver: 'claim-check'`), to be mounted at one path. GET with a good id gets the payload;
 * everything else gets one and the same 404, and 503 while the store is away.
 */
export interface ClaimDesk {
  /** For `node:http`, and for Express: `app.get('/webhook', desk.node())`. */
  node(): (request: IncomingMessage, response: ServerResponse) => void
  fetch(request: Request): Promise<Response>
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** It was not handed over after all. */
  readonly restore?: () => Promise<void>
}

const common = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
const plain = { ...common, 'content-type': 'text/plain; charset=utf-8' }
const notFound: Answer = { status: 404, headers: plain, body: utf8('Not found.\n') }
const unavailable: Answer = { status: 503, headers: plain, body: utf8('Try again later.\n') }
const longestId = 200

const optionRules: OptionRules<ClaimDeskOptions> = {
  store: 'object',
  authorize: 'function',
  param: 'string',
  clock: ['now', 'a clock'],
}

export function createClaimDesk(options: ClaimDeskOptions): ClaimDesk {
  checkNames(options, optionRules, 'the options of createClaimDesk()', ['store', 'authorize'])
  const { store, authorize, param = claimCheckDefaults.param, clock = systemClock } = options
  const { claimChecks } = store
  if (claimChecks === undefined) throw new TypeError('Expected a store that keeps claim checks.')

  /** Whatever is wrong, the same is done until the end: one look into the store, and one question. */
  const decide = async (request: ClaimRequest): Promise<Answer> => {
    const id = idIn(request, param)
    const hash = claimHash(id ?? '')
    try {
      const deliveryId = await claimChecks.find(hash, clock.now())
      const isAllowed = await authorize(request, id === undefined ? undefined : deliveryId)
      if (id === undefined || deliveryId === undefined || isAllowed !== true) return notFound
      const payload = await claimChecks.take(hash, clock.now())
      return payload === undefined ? notFound : { ...answerOf(payload), restore: () => claimChecks.restore(hash) }
    } catch {
      // What went wrong would be told to whoever asks; the store's trouble is seen where deliveries are made.
      return unavailable
    }
  }

  return {
    node: () => (request, response) => {
      const { method = '', url = '', headers } = request
      void decide({ method, url, headers }).then(({ status, headers: fields, body, restore }) => {
        let isHandedOver = false
        const giveBack = (): void => {
          if (!isHandedOver) void restore?.().catch(() => {})
        }
        if (response.destroyed) return giveBack()
        // Node says `finish`, and that all was written, of a connection that broke as well. First: the server then lets go of the socket.
        response.prependOnceListener('finish', () => {
          isHandedOver = response.socket?.destroyed === false
        })
        response.once('close', giveBack)
        response.writeHead(status, { ...fields, 'content-length': body.byteLength }).end(body)
      })
    },
    async fetch(request) {
      const { method, url, headers } = request
      const answer = await decide({ method, url, headers: Object.fromEntries(headers) })
      return new Response(answer.body.slice(), { status: answer.status, headers: answer.headers })
    },
  }
}

function answerOf({ contentType, body }: ClaimCheckPayload): Answer {
  return { status: 200, headers: { ...common, ...(contentType === undefined ? {} : { 'content-type': contentType }) }, body }
}

/** `undefined`: no such request can get anything. */
function idIn({ method, url }: ClaimRequest, param: string): string | undefined {
  const start = url.indexOf('?')
  const end = url.indexOf('#')
  if (method !== 'GET' || start === -1) return undefined
  const ids = new URLSearchParams(url.slice(start + 1, end === -1 ? undefined : end)).getAll(param)
  const [id = ''] = ids
  return ids.length === 1 && id !== '' && id.length <= longestId ? id : undefined
}
