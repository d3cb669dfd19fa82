import { createSecureContext } from 'node:tls'

/** A client certificate with its key, as PEM: who we are, for mutual TLS. */
export interface ClientIdentity {
  /** The certificate, and behind it those that it is signed with. */
  readonly cert: string | Uint8Array
  readonly key: string | Uint8Array
  readonly passphrase?: string
}

/** Options of `tls.connect` that show it. Throws when certificate and key cannot be read, or do not belong together. */
export function withIdentity(tls: object, { cert, key, passphrase }: ClientIdentity): object {
  const shown = { cert: asText(cert), key: asText(key), ...(passphrase === undefined ? {} : { passphrase }) }
  return { ...tls, secureContext: createSecureContext({ ...tls, ...shown }) }
}

/** The same text for the same identity. It holds the key: for the memory of this process only. */
export function identityText({ cert, key, passphrase = '' }: ClientIdentity): string {
  return [asText(cert), asText(key), passphrase].join('\0')
}

function asText(pem: string | Uint8Array): string {
  return typeof pem === 'string' ? pem : Buffer.from(pem).toString('latin1')
}
