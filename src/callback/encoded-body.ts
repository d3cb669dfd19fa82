export interface EncodedBody {
  readonly bytes: Uint8Array
  /** The value of Content-Type. */
  readonly contentType: string
}
