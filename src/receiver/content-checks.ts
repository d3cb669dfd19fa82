import { type Answer, problemAnswer } from './answer.ts'
import { fieldOf } from './arrival.ts'
import { contentCodings, decompress } from './content-coding.ts'
import type { ContractRequest } from './contract/index.ts'
import type { Core } from './core.ts'
import { type Decoded, decodeContent, hasPrototypeKey } from './decode-content.ts'
import { matchesMediaRange } from './media-range.ts'
import type { ValidationError } from './status.ts'
import { type Check, printable, rejected, tooLarge, type Visit } from './visit.ts'

/** The part of the table that looks at what came, once all of it is here: coding, media type, syntax, description, schema, claim. */
export function contentChecksOf({ limits, profile }: Core): readonly Check[] {
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

  return [encoding, mediaType, declaredType, syntax, description, schema, claim]
}

const noContent = { kind: 'plain', bytes: new Uint8Array() } as const

function contractRequest({ arrival, parts, rawBody, decoded }: Visit): ContractRequest {
  const { method, headers } = arrival
  return { method, subPath: parts.subPath, rawQuery: parts.query, headers, length: rawBody.length, decoded }
}

/** The documented status and fields; the description has no example to say more with, and the sender wants to know. */
function withErrors({ status, headers }: Answer, errors: readonly ValidationError[]): Answer {
  return problemAnswer(status, 'The call does not fit its description', { errors }, headers)
}

function asBytes(visit: Visit): undefined {
  const decoded: Decoded = { kind: 'bytes', value: visit.rawBody, error: 'a content coding that is not undone' }
  visit.decoded = decoded
}
