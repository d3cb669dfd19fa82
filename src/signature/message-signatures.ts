import { fieldLines, fieldValue, type HeaderFields } from '../http/index.ts'
import { checkNames, type OptionRules, ok, type Random, type Result, systemRandom, utf8 } from '../util/index.ts'
import { checkContentDigest, contentDigest } from './content-digest.ts'
import { canSign, checkMessageKey, type MessageKey, signBytes, verifyBytes } from './message-key.ts'
import { signatureBase } from './signature-base.ts'
import {
  checkReceived,
  problem,
  type ReceivedRequest,
  type SignatureProblem,
  type Signer,
  type VerifiedRequest,
  type Verifier,
} from './signer.ts'
import {
  type BareItem,
  type Dictionary,
  type InnerList,
  type Item,
  parseDictionary,
  serializeBareItem,
  serializeInnerList,
} from './structured-fields.ts'

export interface MessageSignaturesOptions {
  /** Every request is signed with all that can sign, and a signature by any of them is accepted. 1 to 11. */
  readonly keys: readonly MessageKey[]
  /**
   * What a signature covers, and what it must cover to be accepted: names of fields in lower case, and derived components. Default: method,
   * target URI, Content-Type (where there is one), Content-Digest and webhook-id.
   */
  readonly components?: readonly string[]
  /** Says what the signature is for; others are passed over. `''`: signs without one and accepts any. Default: `ringback`. */
  readonly tag?: string
  /** Milliseconds until a signature expires. Default: 300 000. */
  readonly lifetimeMs?: number
  /** How far `created` may lie from now, in milliseconds. Default: 300 000. */
  readonly toleranceMs?: number
  readonly random?: Random
}

export interface VerifiedMessage extends Omit<VerifiedRequest, 'id'> {
  /** The `webhook-id`, when the signature covers it. */
  readonly id?: string
  readonly keyid: string
  /** The covered components, as they stand in the signature. */
  readonly covered: readonly string[]
}

const profile = ['@method', '@target-uri', 'content-type', 'content-digest', 'webhook-id']
const defaults = { components: profile, tag: 'ringback', lifetimeMs: 300_000, toleranceMs: 300_000 }
const optionRules: OptionRules<MessageSignaturesOptions> = {
  keys: ['map', 'a list of keys'],
  components: ['map', 'a list of names'],
  tag: 'string',
  lifetimeMs: defaults.lifetimeMs,
  toleranceMs: defaults.toleranceMs,
  random: 'function',
}
const mostKeys = 11
const mostSignatures = 8
const nonceBytes = 16

/** HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530). Unlike Standard Webhooks they also cover where a request goes. */
export function httpMessageSignatures(options: MessageSignaturesOptions): Signer & Verifier<VerifiedMessage> {
  checkNames(options, optionRules, 'the options of httpMessageSignatures()', ['keys'])
  const { keys, components, tag, lifetimeMs, toleranceMs, random = systemRandom } = { ...defaults, ...options }
  if (keys.length === 0 || keys.length > mostKeys) throw new TypeError(`Expected 1 to ${mostKeys} keys, found ${keys.length}.`)
  for (const key of keys) checkMessageKey(key)
  for (const name of components) {
    if (!/^@?[a-z0-9-]+$/.test(name)) throw new TypeError(`Expected a component in lower case, found ${JSON.stringify(name)}.`)
  }
  const needed = (headers: HeaderFields): readonly string[] =>
    components.filter((name) => name !== 'content-type' || fieldLines(headers, name).length > 0)

  return {
    sign({ method, targetUri, headers, body, at }) {
      const usable = keys.filter((key) => canSign(key) && at < (key.expiresAt ?? Number.POSITIVE_INFINITY))
      if (usable.length === 0) throw new TypeError('Expected a signing key that can sign and has not expired.')
      const digest: HeaderFields = components.includes('content-digest') ? { 'content-digest': contentDigest(body) } : {}
      const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-digest'))
      const created = Math.floor(at / 1000)
      const inputs: string[] = []
      const signatures: string[] = []
      for (const [i, key] of usable.entries()) {
        const input = inputOf(needed(headers), [
          ['created', { kind: 'integer', value: created }],
          ['expires', { kind: 'integer', value: created + Math.ceil(lifetimeMs / 1000) }],
          ['keyid', { kind: 'string', value: key.keyid }],
          ['alg', { kind: 'string', value: key.alg }],
          ['nonce', { kind: 'string', value: Buffer.from(random(nonceBytes)).toString('base64url') }],
          ...(tag === '' ? [] : [['tag', { kind: 'string', value: tag }] as const]),
        ])
        const base = signatureBase({ method, targetUri, headers: { ...kept, ...digest } }, input)
        if (!base.ok) throw new TypeError(base.error)
        const signature = serializeBareItem({ kind: 'bytes', value: signBytes(key, utf8(base.value)) })
        inputs.push(`sig${i + 1}=${serializeInnerList(input)}`)
        signatures.push(`sig${i + 1}=${signature}`)
      }
      return { ...digest, 'signature-input': inputs.join(', '), signature: signatures.join(', ') }
    },

    verify(request, now) {
      checkReceived(request)
      const fields = signatureFields(request.headers)
      if (!fields.ok) return fields
      const { inputs, signatures } = fields.value
      let first: ReturnType<typeof problem> | undefined
      for (const [label, input] of inputs) {
        if (input.kind !== 'inner-list' || (tag !== '' && text(input, 'tag') !== tag)) continue
        const verified = verifyOne(request, input, signatures.get(label), now)
        if (verified.ok) return verified
        first ??= verified
      }
      return first ?? problem('no-match', tag === '' ? 'Expected a signature.' : `Expected a signature with the tag "${tag}".`)
    },
  }

  function verifyOne(
    request: ReceivedRequest,
    input: InnerList,
    signature: Item | InnerList | undefined,
    now: number,
  ): Result<VerifiedMessage, SignatureProblem> {
    if (signature?.kind !== 'item' || signature.value.kind !== 'bytes') {
      return problem('malformed-field', 'Expected the field Signature to have bytes for each label of Signature-Input.')
    }
    const keyid = text(input, 'keyid')
    const alg = input.parameters.get('alg')
    const key = keys.find((one) => one.keyid === keyid && now < (one.expiresAt ?? Number.POSITIVE_INFINITY))
    if (keyid === undefined || key === undefined)
      return problem('unknown-key', 'Expected a keyid that is known and has not expired.')
    // RFC 9421, 3.2: the key decides; what the signature says may only agree with it.
    if (alg !== undefined && (alg.kind !== 'string' || alg.value !== key.alg))
      return problem('no-match', `Expected the algorithm ${key.alg}.`)

    const created = seconds(input, 'created')
    const expires = seconds(input, 'expires')
    if (typeof created !== 'number' || expires === null) {
      return problem('malformed-field', 'Expected "created", and "expires" where there is one, in seconds.')
    }
    const end = Math.min(created + toleranceMs + 1, expires ?? Number.POSITIVE_INFINITY)
    if (now >= end) return problem('too-old', 'The signature has expired, or was made too long ago.')
    if (created > now + toleranceMs) return problem('too-new', `The request was signed more than ${toleranceMs} ms from now.`)

    const covered = input.items.map(({ value }) => (value.kind === 'string' ? value.value : ''))
    const plain = input.items.filter(({ parameters }) => parameters.size === 0).map(({ value }) => value.value)
    const missing = needed(request.headers).find((name) => !plain.includes(name))
    if (missing !== undefined) return problem('not-covered', `Expected a signature that covers "${missing}".`)

    const { method, targetUri, headers, body } = request
    const base = signatureBase({ method, targetUri, headers }, input)
    if (!base.ok) return problem('missing-field', base.error)
    if (!verifyBytes(key, utf8(base.value), signature.value.value))
      return problem('no-match', 'The signature does not fit the request.')
    // Only now: what is signed is worth the work of hashing.
    if (covered.includes('content-digest') && checkContentDigest(fieldValue(headers, 'content-digest') ?? '', body) !== 'match') {
      return problem('digest-mismatch', 'Expected a Content-Digest by sha-256 or sha-512 that is that of the content.')
    }
    const id = plain.includes('webhook-id') ? fieldValue(headers, 'webhook-id') : undefined
    // Not the signature: of some algorithms there are two for the same text.
    const replayKey = contentDigest(utf8(base.value))
    return ok({ ...(id === undefined ? {} : { id }), signedAt: created, replayKey, freshUntil: end, keyid, covered })
  }
}

function inputOf(components: readonly string[], parameters: Iterable<readonly [string, BareItem]>): InnerList {
  const items = components.map((value): Item => ({ kind: 'item', value: { kind: 'string', value }, parameters: new Map() }))
  return { kind: 'inner-list', items, parameters: new Map(parameters) }
}

function signatureFields(
  headers: HeaderFields,
): Result<{ readonly inputs: Dictionary; readonly signatures: Dictionary }, SignatureProblem> {
  const input = fieldValue(headers, 'signature-input')
  const signature = fieldValue(headers, 'signature')
  if (input === undefined || signature === undefined)
    return problem('missing-field', 'Expected the fields Signature-Input and Signature.')
  const inputs = parseDictionary(input)
  const signatures = parseDictionary(signature)
  if (!inputs.ok) return problem('malformed-field', `Signature-Input: ${inputs.error}`)
  if (!signatures.ok) return problem('malformed-field', `Signature: ${signatures.error}`)
  if (inputs.value.size > mostSignatures) return problem('malformed-field', `Expected at most ${mostSignatures} signatures.`)
  return ok({ inputs: inputs.value, signatures: signatures.value })
}

function text({ parameters }: InnerList, name: string): string | undefined {
  const value = parameters.get(name)
  return value?.kind === 'string' ? value.value : undefined
}

/** In milliseconds. `undefined`: it is not there; `null`: it is no integer. */
function seconds({ parameters }: InnerList, name: string): number | null | undefined {
  const value = parameters.get(name)
  if (value === undefined) return undefined
  return value.kind === 'integer' ? value.value * 1000 : null
}
