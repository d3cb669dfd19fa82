export interface EncodedBody {
  readonly bytes: Uint8Array
  /** Of JSON that was written here: what the bytes say. */
  readonly text?: string
  /** The value of Content-Type. */
  readonly contentType: string
}
