import { sign as signWith, timingSafeEqual, verify as verifyWith } from 'node:crypto'
import { fieldLines } from '../http/index.ts'
import { checkNames, type OptionRules, ok } from '../util/index.ts'
import { checkExpiry, checkReceived, problem, type Signer, type Verifier } from './signer.ts'
import { decodeWebhookKey, type WebhookKey } from './webhook-key.ts'

export interface StandardWebhooksOptions {
  /**
   * `whsec_` and base64 of 24 to 64 bytes (`v1`), or `whsk_` with an Ed25519 private key (`v1a`); to verify only, `whpk_` with its public
   * key. Every request is signed with all of them, and a signature by any of them is accepted: to rotate, put the new key first and give the
   * old one an end. At most 11.
   */
  readonly keys: readonly (string | ExpiringKey)[]
  /** How far the timestamp of a received request may lie from now, in milliseconds. Default: 300 000. */
  readonly toleranceMs?: number
}

/** A key that is on its way out: from `expiresAt` on (milliseconds since the epoch) it neither signs nor counts. */
export interface ExpiringKey {
  readonly key: string
  readonly expiresAt: number
}

const mostKeys = 11
const defaultToleranceMs = 300_000
const optionRules: OptionRules<StandardWebhooksOptions> = { keys: ['map', 'a list of keys'], toleranceMs: defaultToleranceMs }
const keyRules: OptionRules<ExpiringKey> = { key: 'string', expiresAt: true }
// More would be a way to make a receiver compute; senders rotate between two.
const mostSignatures = 32

/** Standard Webhooks: HMAC-SHA256 (`v1`) and Ed25519 (`v1a`) over `id.timestamp.content`. */
export function standardWebhooks(options: StandardWebhooksOptions): Signer & Verifier {
  checkNames(options, optionRules, 'the options of standardWebhooks()', ['keys'])
  const keys = options.keys.map((key) => {
    if (typeof key === 'string') return { key: decodeWebhookKey(key), expiresAt: Number.POSITIVE_INFINITY }
    checkNames(key, keyRules, 'a key of standardWebhooks()', ['key', 'expiresAt'])
    checkExpiry(key.expiresAt)
    return { key: decodeWebhookKey(key.key), expiresAt: key.expiresAt }
  })
  const toleranceMs = options.toleranceMs ?? defaultToleranceMs
  if (keys.length === 0 || keys.length > mostKeys) throw new TypeError(`Expected 1 to ${mostKeys} keys, found ${keys.length}.`)

  return {
    sign({ id, at, body }) {
      const timestamp = String(Math.floor(at / 1000))
      if (id === '' || id.includes('.')) throw new TypeError(`Expected an id without ".", found ${JSON.stringify(id)}.`)
      let signatures = ''
      for (const { key, expiresAt } of keys) {
        const signature = at < expiresAt ? signatureBy(key, id, timestamp, body) : undefined
        if (signature !== undefined) signatures += signatures === '' ? signature : ` ${signature}`
      }
      if (signatures === '')
        throw new TypeError('Expected a signing key that can sign and has not expired: "whsec_…" or "whsk_…".')
      return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures }
    },

    verify(request, now) {
      checkReceived(request)
      const { headers, body } = request
      const [id, ...otherIds] = fieldLines(headers, 'webhook-id')
      const [timestamp, ...otherTimestamps] = fieldLines(headers, 'webhook-timestamp')
      const signatures = fieldLines(headers, 'webhook-signature')
      if (id === undefined || timestamp === undefined || signatures.length === 0) {
        return problem('missing-field', 'Expected the fields webhook-id, webhook-timestamp and webhook-signature.')
      }
      if (otherIds.length + otherTimestamps.length > 0 || id === '' || id.includes('.') || !/^\d{1,12}$/.test(timestamp)) {
        return problem('malformed-field', 'Expected one webhook-id without "." and one webhook-timestamp in seconds.')
      }
      const signedAt = Number(timestamp) * 1000
      if (signedAt < now - toleranceMs) return problem('too-old', `The request was signed more than ${toleranceMs} ms ago.`)
      if (signedAt > now + toleranceMs) return problem('too-new', `The request was signed more than ${toleranceMs} ms from now.`)
      const offered = signatures.flatMap((line) => line.split(' ')).filter((signature) => signature !== '')
      if (offered.length > mostSignatures) return problem('malformed-field', `Expected at most ${mostSignatures} signatures.`)
      // Every pair is compared, so that the time tells nothing about which key or signature it was.
      let matches = 0
      for (const { key, expiresAt } of keys) {
        if (now < expiresAt) matches += countMatches(key, offered, id, timestamp, body)
      }
      if (matches === 0) return problem('no-match', 'No webhook-signature fits the content and a known signing key.')
      return ok({ id, signedAt, replayKey: `${id}.${timestamp}`, freshUntil: signedAt + toleranceMs + 1 })
    },
  }
}

function signatureBy(key: WebhookKey, id: string, timestamp: string, body: Uint8Array): string | undefined {
  if (key.kind === 'v1') return `v1,${key.mac(`${id}.${timestamp}.`, body)}`
  if (key.privateKey === undefined) return undefined
  return `v1a,${signWith(null, signedBytes(id, timestamp, body), key.privateKey).toString('base64')}`
}

function countMatches(key: WebhookKey, offered: readonly string[], id: string, timestamp: string, body: Uint8Array): number {
  const signatures = offered.filter((one) => one.startsWith(`${key.kind},`)).map((one) => one.slice(key.kind.length + 1))
  if (key.kind === 'v1') {
    const mac = Buffer.from(key.mac(`${id}.${timestamp}.`, body), 'base64')
    return signatures.filter((signature) => isSame(Buffer.from(signature, 'base64'), mac)).length
  }
  const bytes = signatures.length === 0 ? Buffer.alloc(0) : signedBytes(id, timestamp, body)
  return signatures.filter((one) => verifyWith(null, bytes, key.publicKey, Buffer.from(one, 'base64'))).length
}

function signedBytes(id: string, timestamp: string, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body])
}

function isSame(offered: Buffer, mac: Buffer): boolean {
  return offered.byteLength === mac.byteLength && timingSafeEqual(offered, mac)
}
