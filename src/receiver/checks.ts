import { allowed } from './allowed.ts'
import { type Answer, emptyAnswer } from './answer.ts'
import { fieldOf } from './arrival.ts'
import type { SignedRequest } from './auth/index.ts'
import { contentChecksOf } from './content-checks.ts'
import type { Core } from './core.ts'
import { dedupeKeyOf } from './dedupe.ts'
import { digestOf } from './digest.ts'
import { leavesItsPlace } from './dot-segments.ts'
import { readContent } from './read-content.ts'
import { openedReply } from './reply.ts'
import { shownPath } from './shown-path.ts'
import type { EndedState } from './status.ts'
import type { Duplicate } from './store.ts'
import { answered, type Check, isCall, type Outcome, printable, rejected, tooLarge, type Visit } from './visit.ts'

/** The table of checks behind the token, in its order: what a sender learns first is what stands first here. */
export function checksOf(core: Core): readonly Check[] {
  const { limits, profile, clock, deadlines, store } = core

  const subPath: Check = ({ parts, settings, methods }) => {
    if (settings.contract === undefined) {
      if (parts.subPath === '') return undefined
      if (settings.subPaths)
        return leavesItsPlace(parts.subPath) ? rejected('sub-path', 'no "." or ".." may be in the path') : undefined
      return rejected('sub-path', 'nothing may be appended to the path of this URL')
    }
    if (methods.length > 0) return undefined
    return rejected('sub-path', `the description has no callback at ${printable(JSON.stringify(parts.subPath))} behind this URL`)
  }

  const endedForOthers: Check = (visit) => (isCall(visit) ? undefined : ended(visit))

  const options: Check = (visit) => {
    if (visit.arrival.method !== 'OPTIONS' || isCall(visit)) return undefined
    return answered(emptyAnswer(204, [['allow', allowed(visit.methods)], ...handshake(visit)]))
  }

  const head: Check = (visit) => {
    if (visit.arrival.method !== 'HEAD' || isCall(visit) || !profile.answersHead) return undefined
    return visit.methods.includes('GET') ? answered(emptyAnswer(200)) : undefined
  }

  const page: Check = ({ arrival, methods, settings }) => {
    if (arrival.method !== 'GET' || settings.confirm === undefined || !methods.includes('GET')) return undefined
    const html = Buffer.from(settings.confirm({ action: '' }), 'utf8')
    const headers: Answer['headers'] = [
      ['content-type', 'text/html; charset=utf-8'],
      // A page inside of which it is shown could lead the click.
      ['content-security-policy', "frame-ancestors 'none'"],
    ]
    return answered({ status: 200, headers, body: new Uint8Array(html) })
  }

  const method: Check = (visit) => {
    if (isCall(visit)) return undefined
    const { methods } = visit
    return rejected('method', `expected ${methods.join(' or ')} but found ${visit.arrival.method.slice(0, 20)}`, { methods })
  }

  const earlyAuth: Check = async (visit) => {
    const { auth } = visit.settings
    visit.authenticated = auth.length === 0 || (await passes(visit, 'early'))
    return visit.authenticated || auth.some(({ stage }) => stage === 'late') ? undefined : unauthenticated(visit)
  }

  const content: Check = async (visit) => {
    const declared = Number(fieldOf(visit.arrival.headers, 'content-length') ?? 0)
    if (declared > limits.maxBodyBytes) return tooLarge(limits.maxBodyBytes, declared)
    const deadline = clock.now() + limits.bodyTimeoutMs
    const read = await readContent(visit.arrival.body, limits.maxBodyBytes, deadline, deadlines)
    switch (read.kind) {
      case 'read':
        visit.rawBody = read.bytes
        return undefined
      case 'consumed':
        return { refusal: { kind: 'consumed' } }
      case 'too-large':
        return tooLarge(limits.maxBodyBytes, read.length)
      case 'body-timeout':
        return rejected('body-timeout', `expected the whole body within ${limits.bodyTimeoutMs} ms`, {}, read.length)
      default:
        return rejected('malformed', 'the body ended before its time', {}, read.length)
    }
  }

  const lateAuth: Check = async (visit) => {
    if (visit.authenticated) return undefined
    visit.authenticated = await passes(visit, 'late')
    return visit.authenticated ? undefined : unauthenticated(visit)
  }

  const duplicate: Check = async (visit) => {
    const { settings, arrival, rawBody, query, endpoint, parts } = visit
    const { digestKey } = settings
    if (settings.dedupe === false) return undefined
    visit.dedupeKey = dedupeKeyOf(settings.dedupe, digestKey, arrival, { subPath: parts.subPath, rawBody, query })
    if (visit.dedupeKey === null) return undefined
    const found = await store.findDuplicate(endpoint.id, visit.dedupeKey, digestOf(digestKey, rawBody), clock.now())
    return found === null ? undefined : duplicateOutcome(core, visit, found)
  }

  const endedForCalls: Check = (visit) => ended(visit)

  function ended({ endpoint }: Visit): Outcome | undefined {
    const found = endOf(endpoint, clock.now())
    return found === undefined ? undefined : rejected('ended', `the endpoint is ${found.state}`, { ended: found })
  }

  return [
    subPath,
    endedForOthers,
    options,
    head,
    page,
    method,
    earlyAuth,
    content,
    lateAuth,
    duplicate,
    endedForCalls,
    ...contentChecksOf(core),
  ]

  async function passes(visit: Visit, stage: 'early' | 'late'): Promise<boolean> {
    const { arrival, settings, rawBody, rawQuery } = visit
    const search = rawQuery === '' ? '' : `?${rawQuery}`
    const request: SignedRequest = {
      headers: new Headers(arrival.headers as [string, string][]),
      rawBody,
      method: arrival.method,
      url: new URL(shownPath(core, visit.endpoint.id, visit.parts.subPath) + search, core.base.origin),
    }
    for (const strategy of settings.auth)
      if (strategy.stage === stage && (await strategy.passes(request, clock.now()))) return true
    return false
  }
}

/** When an endpoint is over, whether or not the store has written it down. */
export function endOf(
  endpoint: Visit['endpoint'],
  now: number,
): { readonly state: EndedState; readonly endedAt: number } | undefined {
  const { state, endedAt, expiresAt } = endpoint
  if (state !== 'open') return { state, endedAt: endedAt ?? now }
  return expiresAt !== null && expiresAt <= now ? { state: 'expired', endedAt: expiresAt } : undefined
}

/** The answer to a call that came before. */
export async function duplicateOutcome(core: Core, { endpoint }: Visit, found: Duplicate): Promise<Outcome> {
  switch (found.kind) {
    case 'key-reused':
      return rejected('key-reused', 'the dedupe key of this call was used with another body')
    case 'in-flight':
      return { refusal: { kind: 'in-flight' } }
    case 'replay': {
      await core.store.bumpDuplicates(endpoint.id, found.seq)
      core.emit('replayed', endpoint.id)
      const first =
        found.reply === null
          ? core.profile.pending(endpoint.id)
          : openedReply(core, { endpointId: endpoint.id, callId: found.callId }, found.reply)
      return answered({ ...first, headers: [...first.headers, ['idempotency-replayed', 'true']] })
    }
  }
}

function unauthenticated({ settings }: Visit): Outcome {
  const challenges = [...new Set(settings.auth.map(({ challenge }) => challenge))]
  return rejected('auth', `expected ${challenges.map((one) => one.split(' ')[0]).join(' or ')} to verify`, { challenges })
}

/** CloudEvents' HTTP webhook handshake: the origin is allowed only where somebody asked for it. */
function handshake({ settings, arrival }: Visit): [string, string][] {
  const origin = fieldOf(arrival.headers, 'webhook-request-origin')
  const { cloudEvents } = settings
  if (origin === undefined || cloudEvents === undefined) return []
  return cloudEvents === true || cloudEvents.includes(origin) ? [['webhook-allowed-origin', origin]] : []
}
