import type { Answer } from './answer.ts'
import type { Arrival, Content } from './arrival.ts'

export function arrivalOfRequest(request: Request, remoteAddress: string | undefined): Arrival {
  return {
    method: request.method,
    target: request.url,
    headers: [...request.headers],
    body: contentOf(request),
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
  }
}

function contentOf(request: Request): Content {
  if (request.bodyUsed || request.body?.locked === true) return { kind: 'consumed' }
  if (request.body === null) return { kind: 'none' }
  const reader = request.body.getReader()
  return {
    kind: 'stream',
    async pull() {
      const { done, value } = await reader.read()
      return done ? undefined : (value as Uint8Array)
    },
  }
}

export function responseOf({ status, headers, body }: Answer): Response {
  // A status without content must not be given any, not even none at all.
  return new Response(body.length === 0 ? null : body.slice(), { status, headers: headers as [string, string][] })
}
