/** What stands between the receiver and the bytes that a store keeps. `aad` ties a record to its place. */
export interface Sealer {
  seal(plain: Uint8Array, aad: string): { readonly sealed: Uint8Array; readonly kid: string | null }
  open(sealed: Uint8Array, aad: string): Uint8Array
}

const plaintextVersion = 0

/** No encryption: a version byte, then the bytes. A sealed record has another version and is refused, not misread. */
export const plaintextSealer: Sealer = {
  seal(plain) {
    const sealed = new Uint8Array(plain.length + 1)
    sealed[0] = plaintextVersion
    sealed.set(plain, 1)
    return { sealed, kid: null }
  },
  open(sealed) {
    if (sealed[0] !== plaintextVersion)
      throw new Error('Expected a record that is not encrypted but found one of another version')
    return sealed.subarray(1)
  },
}

/** The places of records: also what a store tells `reseal`. */
export const placeOf = {
  endpoint: (id: string): string => `endpoint|${id}`,
  call: (endpointId: string, callId: string): string => `call|${endpointId}|${callId}`,
  rejection: (endpointId: string): string => `rejection|${endpointId}`,
}
