import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { fieldLines } from '../http/index.ts'
import { err, ok } from '../util/index.ts'
import type { SignatureProblem, Signer, Verifier } from './signer.ts'

export interface StandardWebhooksOptions {
  /**
   * `whsec_` and base64 of 24 to 64 bytes. Every request is signed with all of them, and a signature by any of them is accepted: to rotate,
   * put the new key first and remove the old one when nobody needs it any more. At most 11.
   */
  readonly keys: readonly string[]
  /** How far the timestamp of a received request may lie from now, in milliseconds. Default: 300 000. */
  readonly toleranceMs?: number
}

const mostKeys = 11
const defaultToleranceMs = 300_000
// More would be a way to make a receiver compute; senders rotate between two.
const mostSignatures = 32

/** Standard Webhooks with symmetric keys (`v1`, HMAC-SHA256 over `id.timestamp.content`). */
export function standardWebhooks(options: StandardWebhooksOptions): Signer & Verifier {
  const keys = options.keys.map(decodeKey)
  const toleranceMs = options.toleranceMs ?? defaultToleranceMs
  if (keys.length === 0 || keys.length > mostKeys) throw new TypeError(`Expected 1 to ${mostKeys} keys, found ${keys.length}.`)

  return {
    sign({ id, at, body }) {
      const timestamp = String(Math.floor(at / 1000))
      if (id === '' || id.includes('.')) throw new TypeError(`Expected an id without ".", found ${JSON.stringify(id)}.`)
      const signatures = keys.map((key) => `v1,${hmac(key, id, timestamp, body).toString('base64')}`)
      return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
    },

    verify({ headers, body }, now) {
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
      const expected = keys.map((key) => hmac(key, id, timestamp, body))
      // Every pair is compared, so that the time tells nothing about which key or signature it was.
      let matches = 0
      for (const signature of offered) for (const mac of expected) matches += isSame(signature, mac) ? 1 : 0
      return matches > 0 ? ok({ id, signedAt }) : problem('no-match', 'No webhook-signature fits the content and a known key.')
    },
  }
}

function hmac(key: KeyObject, id: string, timestamp: string, body: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
}

function isSame(signature: string, mac: Buffer): boolean {
  if (!signature.startsWith('v1,')) return false
  const offered = Buffer.from(signature.slice(3), 'base64')
  return offered.byteLength === mac.byteLength && timingSafeEqual(offered, mac)
}

function decodeKey(key: string): KeyObject {
  const base64 = key.startsWith('whsec_') ? key.slice('whsec_'.length) : undefined
  const bytes = base64 !== undefined && /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? Buffer.from(base64, 'base64') : undefined
  // The key itself must not get into a log through this message.
  if (bytes === undefined || bytes.byteLength < 24 || bytes.byteLength > 64) {
    throw new TypeError('Expected a key of the form "whsec_" and base64 of 24 to 64 bytes.')
  }
  return createSecretKey(bytes)
}

function problem(reason: SignatureProblem['reason'], message: string): { readonly ok: false; readonly error: SignatureProblem } {
  return err({ reason, message })
}
