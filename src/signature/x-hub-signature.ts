import { createHmac, timingSafeEqual } from 'node:crypto'
import { fieldLines } from '../http/index.ts'
import { checkNames, type OptionRules, ok } from '../util/index.ts'
import { checkReceived, problem, type Signer, type Verifier } from './signer.ts'

export interface XHubSignatureOptions {
  /** 1 to 199 bytes (WebSub, 5.1), as text. */
  readonly secret: string
  /** Default: `sha256`. `sha1` only for a peer that knows nothing better. */
  readonly algorithm?: 'sha256' | 'sha384' | 'sha512' | 'sha1'
  /** Default: `x-hub-signature`. Some want `x-hub-signature-256`. */
  readonly field?: string
}

/** What a verified X-Hub-Signature proves: that the content comes from somebody with the secret. Neither when, nor to whom, nor how often. */
export interface VerifiedContent {
  readonly algorithm: string
}

const optionRules: OptionRules<XHubSignatureOptions> = { secret: 'string', algorithm: 'string', field: 'string' }

/** The signature of WebSub (7.1): `X-Hub-Signature: sha256=…`, an HMAC over the content in hexadecimal digits. */
export function xHubSignature(options: XHubSignatureOptions): Signer & Verifier<VerifiedContent> {
  checkNames(options, optionRules, 'the options of xHubSignature()', ['secret'])
  const { secret, algorithm = 'sha256', field = 'x-hub-signature' } = options
  const secretBytes = Buffer.byteLength(secret)
  if (secretBytes === 0 || secretBytes >= 200) throw new TypeError(`Expected a secret of 1 to 199 bytes, found ${secretBytes}.`)
  const mac = (body: Uint8Array): Buffer => createHmac(algorithm, secret).update(body).digest()

  return {
    sign: ({ body }) => ({ [field]: `${algorithm}=${mac(body).toString('hex')}` }),
    verify(request) {
      checkReceived(request)
      const { headers, body } = request
      const [value, ...others] = fieldLines(headers, field)
      if (value === undefined) return problem('missing-field', `Expected the field ${field}.`)
      const match = /^([a-z0-9]+)=([0-9a-fA-F]+)$/.exec(value.trim())
      if (match === null || others.length > 0)
        return problem('malformed-field', `Expected one ${field} of the form "${algorithm}=…".`)
      // The receiver says which algorithm: a sender that may choose would choose the weakest.
      if (match[1] !== algorithm) return problem('no-match', `Expected a signature by ${algorithm}.`)
      const offered = Buffer.from(match[2] ?? '', 'hex')
      const expected = mac(body)
      const isSame = offered.byteLength === expected.byteLength && timingSafeEqual(offered, expected)
      return isSame ? ok({ algorithm }) : problem('no-match', `The ${field} does not fit the content.`)
    },
  }
}
