import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isRecord } from '../openapi/index.ts'
import { createTransport, publicInternet, type UrlPolicy } from '../outbound/index.ts'
import { sameBytes, utf8 } from '../util/index.ts'

export interface ClaimCheckProviderOptions {
  /** What `GET /authenticate` asks for. Default: `key`, `user`, `secret`. */
  readonly credentials?: { readonly apiKey: string; readonly username: string; readonly password: string }
  /** The file that is handed out. Default: a few bytes. */
  readonly payload?: Uint8Array | string
  /** Where webhook URLs may lead. Default: `publicInternet({ devLoopback: true })`. */
  readonly policy?: UrlPolicy
}

/** Stands in for a provider that calls back with no more than an id. Leaving an `await using` closes it. */
export interface ClaimCheckProvider extends AsyncDisposable {
  readonly url: string
  readonly credentials: { readonly apiKey: string; readonly username: string; readonly password: string }
  /** Ids that have been sent to webhook URLs, with the status of the answer; 0 when there was none. */
  readonly notified: readonly { readonly id: string; readonly url: string; readonly status: number }[]
  /** Every request that came, as `GET /webhook 200`: without queries and tokens. */
  readonly log: readonly string[]
  /** Resolves when every webhook that was asked for has been called. */
  settled(): Promise<void>
  close(): Promise<void>
}

const defaultCredentials = { apiKey: 'key', username: 'user', password: 'secret' }

interface Answer {
  readonly status: number
  readonly json?: unknown
  readonly bytes?: Uint8Array
}

/**
 * A double of a backup service with a claim-check flow, on loopback: `GET /authenticate?api_key&username&password` gives a token;
 * `POST /backup/owner` with the field `token` and `{ webhook_url }` is accepted with 202; then the webhook URL is called by GET with
 * `id=<uuid>` added to its query; `GET /webhook?id=` with the token tells where the file is.
 */
export async function claimCheckProvider(options: ClaimCheckProviderOptions = {}): Promise<ClaimCheckProvider> {
  const {
    credentials = defaultCredentials,
    payload = 'backup of the owner\n',
    policy = publicInternet({ devLoopback: true }),
  } = options
  const file = typeof payload === 'string' ? utf8(payload) : payload
  const transport = createTransport({ policy })
  const tokens = new Set<string>()
  const files = new Map<string, string>()
  const notified: { id: string; url: string; status: number }[] = []
  const log: string[] = []
  const calling = new Set<Promise<void>>()
  let base = ''

  const notify = async (webhookUrl: string): Promise<void> => {
    const id = randomUUID()
    files.set(id, randomUUID())
    // A fragment is never sent (RFC 9110, 4.2.5), and what stands behind its mark would go with it.
    const [base = ''] = webhookUrl.split('#')
    const url = `${base}${base.includes('?') ? '&' : '?'}id=${id}`
    const { outcome } = await transport.send({ method: 'GET', url, headers: {} })
    notified.push({ id, url, status: outcome.kind === 'response' ? outcome.status : 0 })
  }

  const isToken = (request: IncomingMessage): boolean => tokens.has(String(request.headers.token))

  const answerTo = async (request: IncomingMessage, url: URL): Promise<Answer> => {
    const query = url.searchParams
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /authenticate': {
        const names = [
          ['api_key', credentials.apiKey],
          ['username', credentials.username],
          ['password', credentials.password],
        ] as const
        if (!names.every(([name, expected]) => isSame(query.get(name) ?? '', expected)))
          return { status: 401, json: { error: 'unauthorised' } }
        const token = randomUUID()
        tokens.add(token)
        return { status: 200, json: { token } }
      }
      case 'POST /backup/owner': {
        if (!isToken(request)) return { status: 401, json: { error: 'unauthorised' } }
        const webhookUrl = webhookUrlOf(await textOf(request))
        if (webhookUrl === undefined || !policy.judge(webhookUrl).ok) return { status: 400, json: { error: 'webhook_url' } }
        const call = notify(webhookUrl)
        calling.add(call)
        void call.finally(() => calling.delete(call))
        return { status: 202, json: { successCode: 202 } }
      }
      case 'GET /webhook': {
        const name = isToken(request) ? files.get(query.get('id') ?? '') : undefined
        if (name === undefined) return { status: 404, json: { error: 'not found' } }
        return { status: 200, json: { data: { url: `${base}/files/${name}` } } }
      }
      default: {
        const isFile = request.method === 'GET' && [...files.values()].some((name) => url.pathname === `/files/${name}`)
        return isFile ? { status: 200, bytes: file } : { status: 404, json: { error: 'not found' } }
      }
    }
  }

  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const { status, json, bytes } = await answerTo(request, url).catch(
      (): Answer => ({ status: 400, json: { error: 'bad request' } }),
    )
    log.push(`${request.method} ${url.pathname.replace(/^\/files\/.*/, '/files/…')} ${status}`)
    response.writeHead(status, { 'content-type': bytes === undefined ? 'application/json' : 'application/octet-stream' })
    response.end(bytes ?? JSON.stringify(json))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const settled = async (): Promise<void> => {
    while (calling.size > 0) await Promise.all(calling)
  }
  const close = async (): Promise<void> => {
    await transport.close()
    await settled()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: base, credentials, notified, log, settled, close, [Symbol.asyncDispose]: close }
}

const mostBytes = 65_536

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += (chunk as Buffer).byteLength
    if (length > mostBytes) throw new TypeError(`Expected at most ${mostBytes} bytes.`)
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function webhookUrlOf(text: string): string | undefined {
  const body: unknown = JSON.parse(text)
  return isRecord(body) && typeof body.webhook_url === 'string' ? body.webhook_url : undefined
}

function isSame(given: string, expected: string): boolean {
  return sameBytes(utf8(given), utf8(expected))
}
