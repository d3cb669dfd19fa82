import { allowed } from './allowed.ts'
import { type Answer, emptyAnswer, problemAnswer } from './answer.ts'
import { fieldOf } from './arrival.ts'
import type { SignedRequest } from './auth/index.ts'
import { contentCodings, decompress } from './content-coding.ts'
import type { ContractRequest } from './contract/index.ts'
import type { Core } from './core.ts'
import { type Decoded, decodeContent, hasPrototypeKey } from './decode-content.ts'
import { dedupeKeyOf } from './dedupe.ts'
import { digestOf } from './digest.ts'
import { leavesItsPlace } from './dot-segments.ts'
import { matchesMediaRange } from './media-range.ts'
import { readContent } from './read-content.ts'
import { openedReply } from './reply.ts'
import { shownPath } from './shown-path.ts'
import type { EndedState, ValidationError } from './status.ts'
import type { Duplicate } from './store.ts'
import { answered, type Check, isCall, type Outcome, rejected, type Visit } from './visit.ts'

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

  const encoding: Check = async (visit) => {
    const coding = fieldOf(visit.arrival.headers, 'content-encoding')
    const mustDecode = profile.checksContent && !visit.settings.acceptEncoded
    const plain = visit.rawBody.length === 0 ? noContent : await decompress(visit.rawBody, coding, limits.decodedBodyBytes)
    switch (plain.kind) {
      case 'plain':
        visit.decoded = await decodeContent(plain.bytes, profile.readsAs ?? fieldOf(visit.arrival.headers, 'content-type'))
        return undefined
      case 'too-large':
        return mustDecode ? tooLarge(limits.decodedBodyBytes, visit.rawBody.length, ' after content decoding') : asBytes(visit)
      case 'malformed':
        return mustDecode
          ? rejected('encoding', 'the body is not what Content-Encoding says', { accepts: codings })
          : asBytes(visit)
      default:
        return mustDecode
          ? rejected('encoding', `expected a body in one of: ${codings.join(', ')}`, { accepts: codings })
          : asBytes(visit)
    }
  }
  const codings = limits.decodedBodyBytes === 0 ? ['identity'] : contentCodings.split(', ')

  const mediaType: Check = ({ arrival, settings, rawBody }) => {
    const { contentTypes } = settings
    if (!profile.checksContent || contentTypes === undefined || rawBody.length === 0) return undefined
    const found = fieldOf(arrival.headers, 'content-type')
    if (found !== undefined && contentTypes.some((range) => matchesMediaRange(found, range))) return undefined
    const shown = found === undefined ? 'no Content-Type' : printable(found)
    return rejected('media-type', `${shown} (allowed: ${contentTypes.join(', ')})`, { accepts: contentTypes })
  }

  const declaredType: Check = (visit) => {
    const { contract } = visit.settings
    if (contract === undefined || !contract.rejects || !profile.checksContent) return undefined
    const accepts = contract.refusedType(contractRequest(visit))
    if (accepts === undefined) return undefined
    const found = fieldOf(visit.arrival.headers, 'content-type')
    const shown = found === undefined ? 'no Content-Type' : printable(found)
    return rejected('media-type', `${shown} (the description has: ${accepts.join(', ')})`, { accepts })
  }

  const syntax: Check = (visit) => {
    const { decoded, settings } = visit
    const isDescribed = settings.contract?.rejects === true && settings.contract.mustRead(contractRequest(visit))
    if (!profile.checksContent || (settings.check === undefined && profile.readsAs === undefined && !isDescribed))
      return undefined
    if (decoded.error !== undefined) return rejected('malformed', decoded.error)
    const isObject = typeof decoded.value === 'object' && decoded.value !== null && !Array.isArray(decoded.value)
    if (profile.readsAs !== undefined && decoded.kind !== 'none' && !isObject) return rejected('malformed', 'expected an object')
    return hasPrototypeKey(decoded.value) ? rejected('malformed', 'the key "__proto__" is not accepted') : undefined
  }

  const schema: Check = async ({ decoded, settings }) => {
    if (!profile.checksContent || settings.check === undefined) return undefined
    const checked = await settings.check(decoded.value)
    if (checked.ok) return undefined
    const [first] = checked.errors
    const detail =
      first === undefined ? 'body' : `body ${first.pointer} ${first.message} (schema ${first.schemaPointer})`.replace('  ', ' ')
    return rejected('schema', printable(detail, 300), { errors: checked.errors })
  }

  const description: Check = (visit) => {
    const { contract } = visit.settings
    if (contract === undefined) return undefined
    visit.verdict = contract.examine(contractRequest(visit))
    const { validation, answer } = visit.verdict
    if (validation.ok || !contract.rejects || !profile.checksContent) return undefined
    const [first] = validation.errors
    const detail = first === undefined ? 'the call' : `${first.in} ${first.pointer} ${first.message}`.replace('  ', ' ')
    const documented = answer && (answer.body.length > 0 ? answer : withErrors(answer, validation.errors))
    return rejected('schema', printable(detail, 300), {
      errors: validation.errors,
      ...(documented === undefined ? {} : { documented }),
    })
  }

  const claim: Check = ({ settings, query }) => {
    if (settings.claimCheck === undefined) return undefined
    const { param = 'id' } = settings.claimCheck
    const found = query.getAll(param)
    if (found.length === 1 && /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i.test(found[0] ?? '')) return undefined
    return rejected(
      'claim',
      `expected one query parameter "${param}" with a UUID but found ${found.length === 0 ? 'none' : 'another value'}`,
    )
  }

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
    encoding,
    mediaType,
    declaredType,
    syntax,
    description,
    schema,
    claim,
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

const noContent = { kind: 'plain', bytes: new Uint8Array() } as const

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
      return rejected('key-reused', 'the key of this call was used with another body')
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

function contractRequest({ arrival, parts, rawBody, decoded }: Visit): ContractRequest {
  const { method, headers } = arrival
  return { method, subPath: parts.subPath, rawQuery: parts.query, headers, length: rawBody.length, decoded }
}

/** The documented status and fields; the description has no example to say more with, and the sender wants to know. */
function withErrors({ status, headers }: Answer, errors: readonly ValidationError[]): Answer {
  return problemAnswer(status, 'The call does not fit its description', { errors }, headers)
}

function tooLarge(most: number, found: number, where = ''): Outcome {
  return rejected('too-large', `expected at most ${most} bytes${where}`, {}, found)
}

function unauthenticated({ settings }: Visit): Outcome {
  const challenges = [...new Set(settings.auth.map(({ challenge }) => challenge))]
  return rejected('auth', `expected ${challenges.map((one) => one.split(' ')[0]).join(' or ')} to verify`, { challenges })
}

function asBytes(visit: Visit): undefined {
  const decoded: Decoded = { kind: 'bytes', value: visit.rawBody, error: 'a content coding that is not undone' }
  visit.decoded = decoded
}

/** CloudEvents' HTTP webhook handshake: the origin is allowed only where somebody asked for it. */
function handshake({ settings, arrival }: Visit): [string, string][] {
  const origin = fieldOf(arrival.headers, 'webhook-request-origin')
  const { cloudEvents } = settings
  if (origin === undefined || cloudEvents === undefined) return []
  return cloudEvents === true || cloudEvents.includes(origin) ? [['webhook-allowed-origin', origin]] : []
}

/** Text from a sender on its way into an error message. */
function printable(text: string, most = 100): string {
  const plain = text.replace(/[^\x20-\x7e]/g, '?')
  return plain.length > most ? `${plain.slice(0, most)}…` : plain
}
